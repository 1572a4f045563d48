-- The file has left the quarantine; how it did so first counts.
-- $1 id: bigint
-- $2 how: text
-- $3 now: timestamptz
UPDATE quarantine SET ended_how = $2, ended_at = $3, moved_at = coalesce(moved_at, $3)
WHERE id = $1 AND ended_at IS NULL
