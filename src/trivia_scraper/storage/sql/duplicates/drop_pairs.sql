-- Open pairs that no longer look alike.
-- $1 low: bigint[]
-- $2 high: bigint[]
DELETE FROM venue_pairs p
USING unnest($1::bigint[], $2::bigint[]) AS gone (low, high)
WHERE p.low_id = gone.low AND p.high_id = gone.high AND p.state = 'open'
