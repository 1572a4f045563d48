-- Which of these running events no listing shows.
-- $1 events: bigint[]
SELECT e.id
FROM events e
WHERE e.id = ANY ($1) AND e.closed_at IS NULL AND NOT EXISTS (SELECT FROM event_sources s WHERE s.event_id = e.id)
