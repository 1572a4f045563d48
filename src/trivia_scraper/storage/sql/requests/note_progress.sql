-- No row: the request is somebody else's by now, or finished.
-- $1 id: uuid
-- $2 epoch: bigint
-- $3 progress: json
-- $4 at: timestamptz
UPDATE run_requests
SET progress = $3, progress_at = $4
WHERE id = $1 AND epoch = $2 AND finished_at IS NULL
RETURNING stop_asked_at IS NOT NULL
