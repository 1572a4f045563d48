-- Files whose time in the quarantine is over.
-- $1 before: timestamptz
SELECT id, cleanup_run AS run, storage_key, quarantine_key, bytes, moved_at
FROM quarantine
WHERE moved_at <= $1 AND ended_at IS NULL
ORDER BY id
