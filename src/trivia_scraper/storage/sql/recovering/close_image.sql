-- Close a failure that no attempt can help: of a permanent class, tried three times, or without an address (R146, R159,
-- R160). A row that changed meanwhile stays as it is.
-- $1 id: bigint
-- $2 version: integer
-- $3 without_url: boolean
-- $4 run: uuid
-- $5 now: timestamptz
UPDATE images
SET status = 'permanently_failed', finalized_at = $5, next_retry_at = NULL,
    error_type = CASE WHEN $3 THEN 'invalid_url' ELSE error_type END,
    reason = CASE WHEN $3 THEN NULL ELSE reason END,
    error = CASE WHEN $3 THEN 'no address is stored' ELSE error END,
    status_code = CASE WHEN $3 THEN NULL ELSE status_code END,
    error_at = CASE WHEN $3 THEN $5 ELSE error_at END,
    last_run_id = $4, updated_at = $5, version = version + 1
WHERE id = $1 AND version = $2 AND status = 'failed' AND deleted_at IS NULL
