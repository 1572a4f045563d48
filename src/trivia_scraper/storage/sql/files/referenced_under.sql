-- Keys under a prefix that a row refers to, or that are about to have a row.
-- A key that waits for its collection is none of them: who looks again may take it (R36).
-- $1 prefix: text
SELECT storage_key AS key FROM images WHERE starts_with(storage_key, $1)
UNION
SELECT thumb_key FROM images WHERE starts_with(thumb_key, $1)
UNION
SELECT storage_key FROM file_intents WHERE starts_with(storage_key, $1) AND kind = 'put'
