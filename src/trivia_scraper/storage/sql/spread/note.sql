-- How the visit of a listing ended. Only the first time.
-- $1 run: uuid
-- $2 source: text
-- $3 key: text
-- $4 report: jsonb
-- $5 now: timestamptz
UPDATE spread_visits SET report = $4, done_at = $5 WHERE run_id = $1 AND source = $2 AND key = $3 AND done_at IS NULL
