-- A new evening of a venue, and that this source showed it just now (E7).
-- $1 venue: bigint
-- $2 weekday: smallint
-- $3 start_time: time
-- $4 end_time: time
-- $5 frequency: text
-- $6 ordinals: smallint[]
-- $7 fee_minor: integer
-- $8 currency: text
-- $9 title: text
-- $10 description: text
-- $11 status: text
-- $12 next_date: date
-- $13 performer: bigint
-- $14 hero_url: text
-- $15 source_that_states_the_facts: text
-- $16 now: timestamptz
-- $17 key: text
-- $18 url: text
-- $19 raw_title: text
-- $20 schedule_text: text
-- $21 fee_text: text
WITH event AS (
    INSERT INTO events (venue_id, weekday, start_time, end_time, frequency, ordinals, fee_minor, currency, title,
                        description, status, next_date, performer_id, hero_url, fact_source,
                        created_at, updated_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $16)
    RETURNING id
)
INSERT INTO event_sources (event_id, source, key, url, first_seen_at, last_seen_at, last_processed_at, raw_title,
                           schedule_text, fee_text)
SELECT id, $15, $17, $18, $16, $16, $16, $19, $20, $21 FROM event
RETURNING event_id
