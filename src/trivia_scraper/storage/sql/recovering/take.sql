-- Somebody begins with a request that waits; the images as they are wanted by now. Said again with the same stamp it is the same beginning.
-- $1 id: bigint
-- $2 now: timestamptz
UPDATE recovery_requests
SET started_at = $2
WHERE id = $1 AND (started_at IS NULL OR started_at = $2) AND finished_at IS NULL
RETURNING image_ids
