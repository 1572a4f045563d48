-- The switch: the row points at new bytes, with their credit, and every trace of an error goes.
-- $1 id: bigint
-- $2 retry_count: integer
-- $3 storage_key: text
-- $4 thumb_key: text
-- $5 sha256: text
-- $6 source_sha256: text
-- $7 mime: text
-- $8 bytes: bigint
-- $9 width: integer
-- $10 height: integer
-- $11 dhash: bigint
-- $12 is_blank: boolean
-- $13 score: double precision
-- $14 scoring_version: text
-- $15 etag: text
-- $16 last_modified: text
-- $17 fetched_at: timestamptz
-- $18 run: uuid
-- $19 now: timestamptz
-- $20 retried_at: timestamptz
-- $21 url: text
-- $22 attribution: text
-- $23 attribution_url: text
UPDATE images
SET status = 'uploaded', storage_key = $3, thumb_key = $4, sha256 = $5, source_sha256 = $6, mime = $7, bytes = $8,
    width = $9, height = $10, dhash = $11, is_blank = $12, quality_score = $13, scoring_version = $14, etag = $15,
    last_modified = $16, fetched_at = $17, verified_at = $19, last_run_id = $18, updated_at = $19,
    retry_count = $2, retried_at = coalesce($20, retried_at),
    provider_url = $21, attribution = $22, attribution_url = $23,
    failure_streak = 0, next_retry_at = NULL, error_type = NULL, reason = NULL, error = NULL, status_code = NULL,
    error_at = NULL, retry_attempt = NULL, finalized_at = NULL, refresh_failed_at = NULL, version = version + 1
WHERE id = $1
