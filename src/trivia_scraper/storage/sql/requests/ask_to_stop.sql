-- $1 id: uuid
-- $2 at: timestamptz
UPDATE run_requests
SET stop_asked_at = $2
WHERE id = $1 AND finished_at IS NULL AND stop_asked_at IS NULL
