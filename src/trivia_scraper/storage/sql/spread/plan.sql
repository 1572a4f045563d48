-- The index of a source was read: what it showed, what is told of it. Only the first time.
-- $1 run: uuid
-- $2 source: text
-- $3 seen_keys: text[]
-- $4 report: jsonb
-- $5 now: timestamptz
UPDATE spread_sources
SET planned_at = $5, seen_keys = $3, report = $4
WHERE run_id = $1 AND source = $2 AND planned_at IS NULL
