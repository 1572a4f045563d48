-- Requests to providers of long ago go, some at a time.
-- $1 before: timestamptz
-- $2 limit: bigint
DELETE FROM provider_requests WHERE id IN (SELECT id FROM provider_requests WHERE at < $1 ORDER BY id LIMIT $2)
