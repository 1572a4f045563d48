-- The same evening for another venue.
-- $1 event: bigint
-- $2 venue: bigint
INSERT INTO events (venue_id, weekday, start_time, end_time, frequency, ordinals, fee_minor, currency, title,
                    description, status, next_date, performer_id, hero_url, fact_source, created_at, updated_at)
SELECT $2, weekday, start_time, end_time, frequency, ordinals, fee_minor, currency, title, description, status,
       next_date, performer_id, hero_url, fact_source, created_at, updated_at
FROM events
WHERE id = $1
RETURNING id
