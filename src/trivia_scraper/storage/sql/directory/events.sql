-- Events of these venues.
-- $1 venues: bigint[]
SELECT e.id, e.venue_id, e.title, e.weekday, e.start_time, e.end_time, e.frequency, e.ordinals, e.fee_minor,
       e.currency, e.status, p.name AS performer, e.description, e.next_date
FROM events e
LEFT JOIN performers p ON p.id = e.performer_id
WHERE e.venue_id = ANY ($1)
ORDER BY e.venue_id, e.closed_at NULLS FIRST, e.weekday, e.start_time, e.id
