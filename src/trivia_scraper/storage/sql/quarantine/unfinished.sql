-- Moves that nobody finished.
SELECT id, cleanup_run AS run, storage_key, quarantine_key, bytes, moved_at
FROM quarantine
WHERE moved_at IS NULL AND ended_at IS NULL
ORDER BY id
