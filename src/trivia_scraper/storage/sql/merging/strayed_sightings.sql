-- Sightings at one of two venues under a key that means the other: what the listings brought while both were one.
-- $1 venues: bigint[]
SELECT s.event_id, s.source, s.key, k.venue_id
FROM event_sources s
JOIN events e ON e.id = s.event_id AND e.closed_at IS NULL
JOIN venue_keys k ON k.source = s.source AND k.key = s.key
WHERE e.venue_id = ANY ($1) AND k.venue_id = ANY ($1) AND k.venue_id <> e.venue_id
ORDER BY s.event_id, s.source, s.key
LIMIT 1
