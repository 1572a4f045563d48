-- The switch: the slot's row, made now if there is none, points at new bytes; every trace of an error goes (images.md
-- 2 and 3), and the attempt log gets its line. Returns the keys that the row referred to before.
-- $1 owner_kind: text
-- $2 owner: bigint
-- $3 provider: text
-- $4 role: text
-- $5 identity: text
-- $6 provider_url: text
-- $7 provider_photo_id: text
-- $8 listing_key: text
-- $9 storage_key: text
-- $10 thumb_key: text
-- $11 sha256: text
-- $12 source_sha256: text
-- $13 mime: text
-- $14 bytes: bigint
-- $15 width: integer
-- $16 height: integer
-- $17 dhash: bigint
-- $18 etag: text
-- $19 last_modified: text
-- $20 run: uuid
-- $21 now: timestamptz
-- $22 outcome: text
-- $23 status_code: integer
-- $24 attempts: integer
-- $25 duration_ms: integer
-- $26 bytes_received: bigint
-- $27 is_blank: boolean
WITH old AS (
    SELECT storage_key, thumb_key
    FROM images
    WHERE owner_kind = $1 AND owner_id = $2 AND provider = $3 AND role = $4
      AND role <> 'gallery' AND deleted_at IS NULL
),
image AS (
    INSERT INTO images (owner_kind, owner_id, provider, role, status, identity, provider_url, provider_photo_id,
                        listing_key, storage_key, thumb_key, sha256, source_sha256, mime, bytes, width, height, dhash,
                        etag, last_modified, last_run_id, fetched_at, verified_at, created_at, updated_at, is_blank)
    VALUES ($1, $2, $3, $4, 'uploaded', $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20,
            $21, $21, $21, $21, $27)
    ON CONFLICT (owner_kind, owner_id, provider, role) WHERE role <> 'gallery' AND deleted_at IS NULL
    DO UPDATE
    SET status = excluded.status, identity = excluded.identity, provider_url = excluded.provider_url,
        provider_photo_id = excluded.provider_photo_id, listing_key = excluded.listing_key,
        storage_key = excluded.storage_key, thumb_key = excluded.thumb_key, sha256 = excluded.sha256,
        source_sha256 = excluded.source_sha256, mime = excluded.mime, bytes = excluded.bytes, width = excluded.width,
        height = excluded.height, dhash = excluded.dhash, is_blank = excluded.is_blank, etag = excluded.etag,
        last_modified = excluded.last_modified, last_run_id = excluded.last_run_id,
        fetched_at = excluded.fetched_at, verified_at = excluded.verified_at, updated_at = excluded.updated_at,
        retry_count = 0, failure_streak = 0, next_retry_at = NULL, error_type = NULL, reason = NULL, error = NULL,
        status_code = NULL, error_at = NULL, retry_attempt = NULL, finalized_at = NULL, refresh_failed_at = NULL,
        version = images.version + 1
    RETURNING id
),
attempt AS (
    INSERT INTO image_attempts (image_id, run_id, kind, at, duration_ms, outcome, status_code, attempt, bytes)
    SELECT id, $20, CASE WHEN EXISTS (SELECT FROM old) THEN 'refresh' ELSE 'download' END, $21, $25, $22, $23, $24, $26
    FROM image
)
SELECT storage_key, thumb_key FROM old
