-- Requests that nobody works on, oldest first.
SELECT id, kind, options, details, requested_by, requested_at, attempts
FROM run_requests
WHERE finished_at IS NULL AND is_abandoned(epoch)
ORDER BY requested_at, id
