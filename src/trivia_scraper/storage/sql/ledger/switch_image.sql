-- The switch: the row points at new bytes, every trace of an error goes (images.md 2 and 3).
-- $1 id: bigint
-- $2 identity: text
-- $3 provider_url: text
-- $4 provider_photo_id: text
-- $5 listing_key: text
-- $6 storage_key: text
-- $7 thumb_key: text
-- $8 sha256: text
-- $9 source_sha256: text
-- $10 mime: text
-- $11 bytes: bigint
-- $12 width: integer
-- $13 height: integer
-- $14 dhash: bigint
-- $15 etag: text
-- $16 last_modified: text
-- $17 run: uuid
-- $18 now: timestamptz
UPDATE images
SET status = 'uploaded', identity = $2, provider_url = $3, provider_photo_id = $4, listing_key = $5,
    storage_key = $6, thumb_key = $7, sha256 = $8, source_sha256 = $9, mime = $10, bytes = $11, width = $12,
    height = $13, dhash = $14, etag = $15, last_modified = $16, fetched_at = $18, verified_at = $18,
    retry_count = 0, failure_streak = 0, next_retry_at = NULL, error_type = NULL, reason = NULL, error = NULL,
    status_code = NULL, error_at = NULL, retry_attempt = NULL, finalized_at = NULL, refresh_failed_at = NULL,
    last_run_id = $17, version = version + 1, updated_at = $18
WHERE id = $1
