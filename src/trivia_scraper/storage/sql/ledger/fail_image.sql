-- A refresh failed. A row that has a good picture keeps it and is marked; a row without one becomes failed, or
-- permanently_failed when the class is permanent (D1, D3).
-- $1 id: bigint
-- $2 identity: text
-- $3 provider_url: text
-- $4 listing_key: text
-- $5 closes: boolean
-- $6 error_type: text
-- $7 reason: text
-- $8 error: text
-- $9 status_code: integer
-- $10 attempts: integer
-- $11 next_retry_at: timestamptz
-- $12 run: uuid
-- $13 now: timestamptz
UPDATE images
SET status = CASE WHEN storage_key IS NOT NULL THEN 'uploaded'
                  WHEN $5 THEN 'permanently_failed' ELSE 'failed' END,
    -- what is displayed stays what was stored: the identity moves on success only
    identity = CASE WHEN storage_key IS NULL THEN $2 ELSE identity END,
    provider_url = CASE WHEN storage_key IS NULL THEN $3 ELSE provider_url END,
    listing_key = CASE WHEN storage_key IS NULL THEN $4 ELSE listing_key END,
    refresh_failed_at = CASE WHEN storage_key IS NOT NULL THEN $13::timestamptz END,
    finalized_at = CASE WHEN storage_key IS NULL AND $5 THEN $13::timestamptz END,
    error_type = $6, reason = $7, error = $8, status_code = $9, error_at = $13, retry_attempt = $10,
    next_retry_at = $11, last_run_id = $12, version = version + 1, updated_at = $13
WHERE id = $1
