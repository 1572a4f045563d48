-- Of these keys, those that neither a row nor an intent refers to.
-- $1 keys: text[]
SELECT key
FROM unnest($1::text[]) AS present (key)
WHERE NOT EXISTS (SELECT FROM images WHERE storage_key = key)
  AND NOT EXISTS (SELECT FROM images WHERE thumb_key = key)
  AND NOT EXISTS (SELECT FROM file_intents WHERE storage_key = key)
