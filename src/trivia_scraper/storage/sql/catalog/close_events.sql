-- Close events that are no longer listed; nothing is deleted (E6).
-- $1 ids: bigint[]
-- $2 why: text
-- $3 now: timestamptz
UPDATE events
SET status = 'closed', closed_at = $3, closed_why = $2, updated_at = $3
WHERE id = ANY ($1) AND closed_at IS NULL
RETURNING id, venue_id
