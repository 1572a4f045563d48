-- From now on this source's key means this venue.
-- $1 source: text
-- $2 key: text
-- $3 venue: bigint
-- $4 rule_of_V1_that_matched: text
-- $5 now: timestamptz
-- $6 confidence: double precision
INSERT INTO venue_keys (source, key, venue_id, rule, claimed_at, confidence)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (source, key) DO NOTHING
