-- The image of a slot.
-- $1 owner_kind: text
-- $2 owner: bigint
-- $3 provider: text
-- $4 role: text
SELECT id, status, provider_url, identity, storage_key, thumb_key, sha256, source_sha256, bytes, etag, last_modified,
       fetched_at, verified_at, refresh_failed_at, retry_count, next_retry_at, last_run_id, listing_key, version
FROM images
WHERE owner_kind = $1 AND owner_id = $2 AND provider = $3 AND role = $4 AND deleted_at IS NULL
ORDER BY id
LIMIT 1
