-- Every file that a row says is there.
SELECT storage_key AS key, id, sha256 FROM images WHERE storage_key IS NOT NULL
UNION ALL
SELECT thumb_key, id, NULL FROM images WHERE thumb_key IS NOT NULL
