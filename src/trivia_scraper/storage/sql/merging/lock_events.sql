-- The events of these venues as they are, locked.
-- $1 venues: bigint[]
SELECT e.id, to_jsonb(e) AS record FROM events e WHERE e.venue_id = ANY ($1) ORDER BY e.id FOR UPDATE
