-- Recoveries that were done long ago go, some at a time.
-- $1 before: timestamptz
-- $2 limit: bigint
DELETE FROM recovery_requests
WHERE id IN (SELECT id FROM recovery_requests WHERE finished_at < $1 ORDER BY id LIMIT $2)
