-- A refresh failed. A row that has a good picture keeps it and is marked; a row without one, made now if there is
-- none, becomes failed, or permanently_failed when the class is permanent (D1, D3). The attempt log gets its line.
-- $1 owner_kind: text
-- $2 owner: bigint
-- $3 provider: text
-- $4 role: text
-- $5 identity: text
-- $6 provider_url: text
-- $7 provider_photo_id: text
-- $8 listing_key: text
-- $9 closes: boolean
-- $10 error_type: text
-- $11 reason: text
-- $12 error: text
-- $13 next_retry_at: timestamptz
-- $14 run: uuid
-- $15 now: timestamptz
-- $16 outcome: text
-- $17 status_code: integer
-- $18 attempts: integer
-- $19 duration_ms: integer
-- $20 bytes_received: bigint
-- $21 excerpt: text
WITH old AS (
    SELECT
    FROM images
    WHERE owner_kind = $1 AND owner_id = $2 AND provider = $3 AND role = $4
      AND role <> 'gallery' AND deleted_at IS NULL
),
image AS (
    INSERT INTO images (owner_kind, owner_id, provider, role, status, identity, provider_url, provider_photo_id,
                        listing_key, finalized_at, error_type, reason, error, status_code, error_at, retry_attempt,
                        next_retry_at, last_run_id, created_at, updated_at)
    VALUES ($1, $2, $3, $4, CASE WHEN $9 THEN 'permanently_failed' ELSE 'failed' END, $5, $6, $7, $8,
            CASE WHEN $9 THEN $15::timestamptz END, $10, $11, $12, $17, $15, $18, $13, $14, $15, $15)
    ON CONFLICT (owner_kind, owner_id, provider, role) WHERE role <> 'gallery' AND deleted_at IS NULL
    DO UPDATE
    SET status = CASE WHEN images.storage_key IS NULL THEN excluded.status ELSE 'uploaded' END,
        -- what is displayed stays what was stored: the identity moves on success only
        identity = CASE WHEN images.storage_key IS NULL THEN excluded.identity ELSE images.identity END,
        provider_url = CASE WHEN images.storage_key IS NULL THEN excluded.provider_url ELSE images.provider_url END,
        listing_key = CASE WHEN images.storage_key IS NULL THEN excluded.listing_key ELSE images.listing_key END,
        -- another picture has its own three recoveries
        retry_count = CASE WHEN images.identity = excluded.identity THEN images.retry_count ELSE 0 END,
        failure_streak = CASE WHEN images.identity = excluded.identity THEN images.failure_streak ELSE 0 END,
        refresh_failed_at = CASE WHEN images.storage_key IS NOT NULL THEN excluded.updated_at END,
        finalized_at = CASE WHEN images.storage_key IS NULL THEN excluded.finalized_at END,
        error_type = excluded.error_type, reason = excluded.reason, error = excluded.error,
        status_code = excluded.status_code, error_at = excluded.error_at, retry_attempt = excluded.retry_attempt,
        next_retry_at = excluded.next_retry_at, last_run_id = excluded.last_run_id,
        updated_at = excluded.updated_at, version = images.version + 1
    RETURNING id
)
INSERT INTO image_attempts (image_id, run_id, kind, at, duration_ms, outcome, error_type, reason, status_code,
                            attempt, bytes, excerpt)
SELECT id, $14, CASE WHEN EXISTS (SELECT FROM old) THEN 'refresh' ELSE 'download' END, $15, $19, $16, $10, $11, $17,
       $18, $20, $21
FROM image
