-- Who shows the events of these venues; locked before the events, as counting misses does.
-- $1 venues: bigint[]
SELECT s.event_id, s.source, s.key, s.last_seen_at
FROM event_sources s
JOIN events e ON e.id = s.event_id
WHERE e.venue_id = ANY ($1)
ORDER BY s.event_id, s.source, s.key
FOR UPDATE OF s
