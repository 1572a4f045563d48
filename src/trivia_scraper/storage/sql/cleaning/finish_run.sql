-- A cleanup has ended.
-- $1 id: bigint
-- $2 report: jsonb
-- $3 now: timestamptz
UPDATE cleanup_runs SET finished_at = $3, report = $2 WHERE id = $1
