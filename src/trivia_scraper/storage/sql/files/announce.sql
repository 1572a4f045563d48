-- Intents, committed before anything appears under these keys (safety.md 9).
-- $1 keys: text[]
-- $2 kind: text
-- $3 epoch: bigint
-- $4 now: timestamptz
INSERT INTO file_intents (storage_key, kind, epoch, created_at)
SELECT key, $2, $3, $4 FROM unnest($1::text[]) AS announced (key)
ON CONFLICT (storage_key) DO UPDATE SET kind = excluded.kind, epoch = excluded.epoch, created_at = excluded.created_at
