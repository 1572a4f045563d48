-- One row, locked until the transaction ends.
-- $1 id: bigint
SELECT id, owner_kind, owner_id, role, identity, provider, provider_photo_id, provider_url, attribution,
       attribution_url, status, storage_key, thumb_key, quality_score, retry_count, next_retry_at, last_run_id,
       updated_at, deleted_at, duplicate_of, version
FROM images
WHERE id = $1
FOR UPDATE
