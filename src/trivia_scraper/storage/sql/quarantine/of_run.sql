-- What one cleanup set aside and still has.
-- $1 run: bigint
SELECT id, cleanup_run AS run, storage_key, quarantine_key, bytes, moved_at
FROM quarantine
WHERE cleanup_run = $1 AND ended_at IS NULL
ORDER BY id
