-- A failure whose host is left alone is due when that ends; nothing is counted (images.md 12).
-- $1 id: bigint
-- $2 version: integer
-- $3 next_retry_at: timestamptz
-- $4 now: timestamptz
UPDATE images
SET next_retry_at = $3, updated_at = $4, version = version + 1
WHERE id = $1 AND version = $2 AND status = 'failed' AND deleted_at IS NULL
  AND (next_retry_at IS NULL OR next_retry_at < $3)
