-- The thumbnail is not there: the row does not name it any longer. The next run fetches a hero or profile anew; a
-- gallery photo is shown whole.
-- $1 id: bigint
-- $2 thumb_key: text
-- $3 now: timestamptz
UPDATE images
SET thumb_key = NULL, updated_at = $3, version = version + 1,
    refresh_failed_at = CASE WHEN role = 'gallery' THEN refresh_failed_at ELSE $3::timestamptz END
WHERE id = $1 AND thumb_key = $2
