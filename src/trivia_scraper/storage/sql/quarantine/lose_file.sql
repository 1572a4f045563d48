-- The picture under this key is not what it should be: its rows let go of it and are due for another download.
-- It failed here and not at its provider, so nothing is counted against anybody, and the count of recoveries
-- begins anew. Validators go too: "not modified" would bring no bytes. A row that became another owner's by a merge
-- meanwhile is left for the next look.
-- $1 storage_key: text
-- $2 reason: text
-- $3 error: text
-- $4 now: timestamptz
-- $5 owner_kinds: text[]
-- $6 owner_ids: bigint[]
WITH old AS (
    SELECT id, thumb_key
    FROM images
    WHERE storage_key = $1 AND (claimed_until IS NULL OR claimed_until < $4)
      AND (owner_kind, owner_id) IN (SELECT * FROM unnest($5::text[], $6::bigint[]))
    FOR UPDATE
)
UPDATE images i
SET status = CASE WHEN i.deleted_at IS NULL THEN 'failed' ELSE i.status END,
    storage_key = NULL, thumb_key = NULL, sha256 = NULL, source_sha256 = NULL, mime = NULL, bytes = NULL,
    dhash = NULL, etag = NULL, last_modified = NULL, error_type = 'network_error', reason = $2, error = $3,
    error_at = $4, status_code = NULL, retry_attempt = NULL, retry_count = 0, next_retry_at = $4,
    refresh_failed_at = NULL, finalized_at = NULL, updated_at = $4, version = version + 1
FROM old
WHERE i.id = old.id
RETURNING i.id, i.owner_kind, i.owner_id, i.deleted_at IS NULL AS is_living, old.thumb_key
