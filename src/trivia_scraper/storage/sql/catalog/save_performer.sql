-- A performer is part of the directory from its first saved event on.
-- $1 id: bigint
-- $2 now: timestamptz
UPDATE performers SET saved_at = $2 WHERE id = $1 AND saved_at IS NULL
