-- The site says that our copy is still what it has: the stamps move, and what a failed refresh left goes.
-- $1 id: bigint
-- $2 etag: text
-- $3 last_modified: text
-- $4 run: uuid
-- $5 now: timestamptz
UPDATE images
SET verified_at = $5, etag = coalesce($2, etag), last_modified = coalesce($3, last_modified), last_run_id = $4,
    refresh_failed_at = NULL, error_type = NULL, reason = NULL, error = NULL, status_code = NULL, error_at = NULL,
    retry_attempt = NULL, next_retry_at = NULL
WHERE id = $1
