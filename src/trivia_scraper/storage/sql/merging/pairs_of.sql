-- Pairs that these venues are part of, locked.
-- $1 venues: bigint[]
SELECT low_id, high_id, state, to_jsonb(p) AS record
FROM venue_pairs p
WHERE low_id = ANY ($1) OR high_id = ANY ($1)
ORDER BY low_id, high_id
FOR UPDATE
