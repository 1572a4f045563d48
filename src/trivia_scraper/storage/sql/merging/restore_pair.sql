-- What was decided about a pair before a merge, unless a person has decided anew since.
-- $1 low: bigint
-- $2 high: bigint
-- $3 state_that_the_merge_gave: text
-- $4 state: text
-- $5 decided_at: timestamptz
UPDATE venue_pairs SET state = $4, decided_at = $5 WHERE low_id = $1 AND high_id = $2 AND state = $3
