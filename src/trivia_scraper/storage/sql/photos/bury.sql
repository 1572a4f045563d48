-- A row whose bytes are those of another entry: a tombstone that names it, and lets its own file go. Its other names
-- are that entry's from now on.
-- $1 id: bigint
-- $2 duplicate_of: bigint
-- $3 is_recovery: boolean
-- $4 run: uuid
-- $5 now: timestamptz
WITH handed_over AS (
    UPDATE image_references SET image_id = $2 WHERE image_id = $1
)
UPDATE images
SET deleted_at = $5, duplicate_of = $2, deleted_why = format('same photo as image %s', $2::bigint), storage_key = NULL,
    thumb_key = NULL, sha256 = NULL, claimed_by = NULL, claimed_until = NULL, next_retry_at = NULL, position = NULL,
    retry_count = retry_count + CASE WHEN $3 THEN 1 ELSE 0 END,
    retried_at = CASE WHEN $3 THEN $5 ELSE retried_at END,
    last_run_id = $4, updated_at = $5, version = version + 1
WHERE id = $1
