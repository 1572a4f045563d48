-- The attempt log of one image, newest first.
-- $1 image: bigint
SELECT kind, at, outcome, error_type, status_code, attempt, bytes, duration_ms
FROM image_attempts
WHERE image_id = $1
ORDER BY at DESC, id DESC
LIMIT 50
