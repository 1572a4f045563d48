-- A failure: a row with a good picture keeps it and is marked; another one is due again, or closed (D1, D3).
-- $1 id: bigint
-- $2 is_recovery: boolean
-- $3 closes: boolean
-- $4 error_type: text
-- $5 reason: text
-- $6 error: text
-- $7 status_code: integer
-- $8 attempts: integer
-- $9 next_retry_at: timestamptz
-- $10 run: uuid
-- $11 now: timestamptz
-- $12 url: text
UPDATE images
SET status = CASE WHEN storage_key IS NOT NULL THEN status WHEN $3 THEN 'permanently_failed' ELSE 'failed' END,
    finalized_at = CASE WHEN storage_key IS NULL AND $3 THEN $11::timestamptz END,
    refresh_failed_at = CASE WHEN storage_key IS NOT NULL THEN $11::timestamptz END,
    retry_count = retry_count + CASE WHEN $2 THEN 1 ELSE 0 END,
    failure_streak = failure_streak + CASE WHEN $2 THEN 1 ELSE 0 END,
    retried_at = CASE WHEN $2 THEN $11 ELSE retried_at END,
    retry_attempt = CASE WHEN $2 THEN retry_count + 1 ELSE $8 END,
    -- as it is listed now: that is what recovery asks; what is shown stays what was stored
    provider_url = CASE WHEN storage_key IS NULL THEN coalesce(nullif($12, ''), provider_url) ELSE provider_url END,
    error_type = $4, reason = $5, error = $6, status_code = $7, error_at = $11,
    next_retry_at = CASE WHEN $3 THEN NULL ELSE $9::timestamptz END,
    last_run_id = $10, updated_at = $11, version = version + 1
WHERE id = $1
RETURNING status, retry_count, next_retry_at
