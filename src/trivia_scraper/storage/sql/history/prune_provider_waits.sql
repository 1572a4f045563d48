-- Waits that providers asked for long ago go, some at a time.
-- $1 before: timestamptz
-- $2 limit: bigint
DELETE FROM provider_waits
WHERE ctid = ANY (ARRAY (SELECT ctid FROM provider_waits WHERE at < $1 LIMIT $2))
