-- Close events that are no longer listed; nothing is deleted (E6). Returns what they were before.
-- $1 ids: bigint[]
-- $2 why: text
-- $3 now: timestamptz
WITH running AS (
    SELECT id, status FROM events WHERE id = ANY ($1) AND closed_at IS NULL ORDER BY id FOR UPDATE
)
UPDATE events e
SET status = 'closed', closed_at = $3, closed_why = $2, updated_at = $3
FROM running
WHERE e.id = running.id
RETURNING e.id, e.venue_id, running.status AS was
