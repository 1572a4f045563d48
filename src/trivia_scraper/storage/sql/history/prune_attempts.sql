-- Attempts of long ago go, some at a time.
-- $1 before: timestamptz
-- $2 limit: bigint
DELETE FROM image_attempts WHERE id IN (SELECT id FROM image_attempts WHERE at < $1 ORDER BY at LIMIT $2)
