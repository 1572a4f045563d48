-- The file lies in the quarantine.
-- $1 id: bigint
-- $2 now: timestamptz
UPDATE quarantine SET moved_at = $2 WHERE id = $1
