-- The site says that our copy is still what it has (304): nothing but the stamps move. The attempt log gets its line.
-- $1 owner_kind: text
-- $2 owner: bigint
-- $3 provider: text
-- $4 role: text
-- $5 etag: text
-- $6 last_modified: text
-- $7 run: uuid
-- $8 now: timestamptz
-- $9 outcome: text
-- $10 status_code: integer
-- $11 attempts: integer
-- $12 duration_ms: integer
-- $13 bytes_received: bigint
WITH image AS (
    UPDATE images
    SET verified_at = $8, etag = coalesce($5, etag), last_modified = coalesce($6, last_modified), last_run_id = $7,
        refresh_failed_at = NULL, error_type = NULL, reason = NULL, error = NULL, status_code = NULL, error_at = NULL,
        retry_attempt = NULL, next_retry_at = NULL
    WHERE owner_kind = $1 AND owner_id = $2 AND provider = $3 AND role = $4
      AND role <> 'gallery' AND deleted_at IS NULL
    RETURNING id
)
INSERT INTO image_attempts (image_id, run_id, kind, at, duration_ms, outcome, status_code, attempt, bytes)
SELECT id, $7, 'refresh', $8, $12, $9, $10, $11, $13
FROM image
