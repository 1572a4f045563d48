-- The newest file that was set aside from this key and still lies in the quarantine.
-- $1 storage_key: text
SELECT id, cleanup_run AS run, storage_key, quarantine_key, bytes, moved_at
FROM quarantine
WHERE storage_key = $1 AND moved_at IS NOT NULL AND ended_at IS NULL
ORDER BY id DESC
LIMIT 1
