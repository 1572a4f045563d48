-- The whole reports of a run's finished sources, and which are not finished.
-- $1 run: uuid
SELECT source, CASE WHEN concluded_at IS NOT NULL THEN report END AS report
FROM spread_sources
WHERE run_id = $1
ORDER BY source
