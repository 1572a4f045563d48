-- A visit that came to nothing, if the venue of this listing is known.
-- $1 source: text
-- $2 key: text
-- $3 run: uuid
-- $4 now: timestamptz
-- $5 why: text
-- $6 outcome: text
-- $7 error_type: text
-- $8 error: text
INSERT INTO venue_visits (venue_id, source, key, run_id, at, why, outcome, error_type, error)
SELECT venue_id, source, key, $3, $4, $5, $6, $7, $8
FROM venue_keys
WHERE source = $1 AND key = $2
ON CONFLICT (venue_id, source, key, run_id) DO NOTHING
