-- Visits of long ago go, some at a time.
-- $1 before: timestamptz
-- $2 limit: bigint
DELETE FROM venue_visits
WHERE ctid = ANY (ARRAY (SELECT ctid FROM venue_visits WHERE at < $1 ORDER BY at LIMIT $2))
