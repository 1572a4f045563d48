-- Who shows these events.
-- $1 events: bigint[]
SELECT event_id, source, url, first_seen_at, last_seen_at, last_processed_at
FROM event_sources
WHERE event_id = ANY ($1)
ORDER BY event_id, source, key
