-- The file of a tombstone could not be removed: the row refers to it again, and the audit forgets the deletion (R218).
-- $1 id: bigint
-- $2 batch: uuid
-- $3 storage_key: text
-- $4 thumb_key: text
-- $5 sha256: text
-- $6 at: timestamptz
WITH forgotten AS (
    DELETE FROM review_actions WHERE batch = $2 AND image_id = $1
)
UPDATE images
SET deleted_at = NULL, deleted_why = NULL, storage_key = $3, thumb_key = $4, sha256 = $5, updated_at = $6,
    version = version + 1
WHERE id = $1 AND deleted_at IS NOT NULL AND storage_key IS NULL
