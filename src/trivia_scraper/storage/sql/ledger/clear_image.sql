-- clean_first: the reference goes before the download (D1). A crash now leaves a failed row that is due.
-- $1 id: bigint
-- $2 now: timestamptz
WITH old AS (SELECT id, storage_key, thumb_key FROM images WHERE id = $1 FOR UPDATE)
UPDATE images i
SET status = 'failed', storage_key = NULL, thumb_key = NULL, sha256 = NULL, source_sha256 = NULL, bytes = NULL,
    width = NULL, height = NULL, dhash = NULL, mime = NULL, etag = NULL, last_modified = NULL, error_type = NULL,
    reason = NULL, error = 'cleared before a clean_first refresh', next_retry_at = NULL, refresh_failed_at = NULL,
    version = version + 1, updated_at = $2
FROM old
WHERE i.id = old.id AND old.storage_key IS NOT NULL
RETURNING old.storage_key, old.thumb_key
