-- Whether a row refers to this key, or work on it goes on.
-- $1 storage_key: text
SELECT EXISTS (SELECT FROM images WHERE storage_key = $1)
    OR EXISTS (SELECT FROM images WHERE thumb_key = $1)
    OR EXISTS (SELECT FROM file_intents WHERE storage_key = $1)
