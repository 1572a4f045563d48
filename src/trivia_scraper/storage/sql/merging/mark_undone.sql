-- A merge is undone.
-- $1 id: bigint
-- $2 now: timestamptz
UPDATE venue_merges SET undone_at = $2 WHERE id = $1
