-- The running event of a venue in the hour of another event.
-- $1 event: bigint
-- $2 venue: bigint
SELECT twin.id
FROM events e
JOIN events twin ON twin.venue_id = $2 AND twin.closed_at IS NULL
                AND (twin.weekday, twin.start_time) = (e.weekday, e.start_time)
WHERE e.id = $1
