-- Every visit of a source that has no end yet ends like this.
-- $1 run: uuid
-- $2 source: text
-- $3 report: jsonb
-- $4 now: timestamptz
UPDATE spread_visits SET report = $3, done_at = $4 WHERE run_id = $1 AND source = $2 AND done_at IS NULL
