-- A file is about to be set aside: the line comes first, so that no crash can hide where it went.
-- $1 run: bigint
-- $2 storage_key: text
-- $3 quarantine_key: text
-- $4 bytes: bigint
INSERT INTO quarantine (cleanup_run, storage_key, quarantine_key, bytes) VALUES ($1, $2, $3, $4)
ON CONFLICT (quarantine_key) DO UPDATE SET bytes = excluded.bytes, moved_at = NULL, ended_at = NULL, ended_how = NULL
RETURNING id
