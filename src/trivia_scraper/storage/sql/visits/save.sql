-- A visit whose venue was saved. The same visit told twice is one; a failed one that a repetition made good, too.
-- $1 venue: bigint
-- $2 source: text
-- $3 key: text
-- $4 run: uuid
-- $5 now: timestamptz
-- $6 why: text
-- $7 outcome: text
INSERT INTO venue_visits (venue_id, source, key, run_id, at, why, outcome) VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (venue_id, source, key, run_id)
DO UPDATE SET at = $5, outcome = $7, error_type = NULL, error = NULL WHERE venue_visits.outcome = 'failed'
