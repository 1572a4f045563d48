-- A pair that only a merge has made.
-- $1 low: bigint
-- $2 high: bigint
-- $3 state_that_the_merge_gave: text
DELETE FROM venue_pairs WHERE low_id = $1 AND high_id = $2 AND state = $3
