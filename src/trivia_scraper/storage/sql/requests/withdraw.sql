-- The end of a request that nobody works on.
-- $1 id: uuid
-- $2 outcome: json
-- $3 at: timestamptz
UPDATE run_requests
SET stop_asked_at = coalesce(stop_asked_at, $3), finished_at = $3, ok = false, outcome = $2
WHERE id = $1 AND finished_at IS NULL AND is_abandoned(epoch)
