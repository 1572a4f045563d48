-- What was asked of the daemon about this venue and has not ended, oldest first.
-- $1 slug: text
SELECT id, kind, requested_by, requested_at, taken_at, options
FROM run_requests
WHERE finished_at IS NULL AND options->'venues' ? $1
ORDER BY requested_at
