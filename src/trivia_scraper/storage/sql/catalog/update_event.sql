-- Write the merged facts of an event; being read re-opens it.
-- $1 id: bigint
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
-- $15 now: timestamptz
-- $16 source_that_states_the_facts: text
UPDATE events
SET weekday = $2, start_time = $3, end_time = $4, frequency = $5, ordinals = $6, fee_minor = $7, currency = $8,
    title = $9, description = $10, status = $11, next_date = $12, performer_id = $13, hero_url = $14, fact_source = $16,
    closed_at = NULL, closed_why = NULL, updated_at = $15
WHERE id = $1
