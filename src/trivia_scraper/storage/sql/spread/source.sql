-- How far a source of a run is, by one clock: the server's.
-- $1 run: uuid
-- $2 source: text
SELECT extract(epoch FROM clock_timestamp() - begun_at)::double precision AS age_seconds,
       planned_at IS NOT NULL AS is_planned,
       called_off_at IS NOT NULL AS is_called_off,
       concluded_at IS NOT NULL AS is_concluded,
       (SELECT count(*) FROM spread_visits v WHERE v.run_id = $1 AND v.source = $2 AND v.done_at IS NULL) AS undone
FROM spread_sources
WHERE run_id = $1 AND source = $2
