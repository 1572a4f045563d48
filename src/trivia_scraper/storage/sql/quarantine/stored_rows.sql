-- Rows that say that files are there, page by page, and which of them were not written lately.
-- $1 after_id: bigint
-- $2 before: timestamptz
-- $3 limit: bigint
SELECT id AS image_id, owner_kind, owner_id, storage_key, thumb_key, sha256, updated_at < $2 AS is_old_enough
FROM images
WHERE id > $1 AND storage_key IS NOT NULL
ORDER BY id
LIMIT $3
