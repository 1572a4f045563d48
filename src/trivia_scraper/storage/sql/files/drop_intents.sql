-- What was announced has its row, or is gone.
-- $1 keys: text[]
DELETE FROM file_intents WHERE storage_key = ANY ($1)
