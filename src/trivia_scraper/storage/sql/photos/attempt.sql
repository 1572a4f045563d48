-- A line in an image's attempt log.
-- $1 image: bigint
-- $2 run: uuid
-- $3 kind: text
-- $4 at: timestamptz
-- $5 duration_ms: integer
-- $6 outcome: text
-- $7 error_type: text
-- $8 reason: text
-- $9 status_code: integer
-- $10 attempts: integer
-- $11 bytes_received: bigint
-- $12 excerpt: text
-- $13 retry_after_seconds: double precision
INSERT INTO image_attempts (image_id, run_id, kind, at, duration_ms, outcome, error_type, reason, status_code, attempt,
                            bytes, excerpt, retry_after_seconds)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
