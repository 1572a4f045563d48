-- What was asked for and is not done, in the order in which it is worked.
-- $1 limit: bigint
SELECT id, kind, requested_by, requested_at, taken_at
FROM run_requests
WHERE finished_at IS NULL
ORDER BY requested_at, id
LIMIT $1
