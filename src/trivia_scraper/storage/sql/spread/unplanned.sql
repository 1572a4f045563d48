-- Sources of a run whose index nobody has read to the end yet.
-- $1 run: uuid
SELECT source FROM spread_sources WHERE run_id = $1 AND planned_at IS NULL
