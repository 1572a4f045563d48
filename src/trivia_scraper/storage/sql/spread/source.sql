-- How far a source of a run is.
-- $1 run: uuid
-- $2 source: text
SELECT begun_at, planned_at, called_off_at, concluded_at,
       (SELECT count(*) FROM spread_visits v WHERE v.run_id = $1 AND v.source = $2 AND v.done_at IS NULL) AS undone
FROM spread_sources
WHERE run_id = $1 AND source = $2
