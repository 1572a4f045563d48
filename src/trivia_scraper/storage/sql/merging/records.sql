-- Venues and events as they are now: what a merge records is the difference to what it found.
-- $1 venues: bigint[]
-- $2 events: bigint[]
SELECT 'venues' AS kind, v.id, to_jsonb(v) AS record FROM venues v WHERE v.id = ANY ($1)
UNION ALL
SELECT 'events', e.id, to_jsonb(e) FROM events e WHERE e.id = ANY ($2)
