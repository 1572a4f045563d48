-- A person has decided about a pair, or takes it back ("open").
-- $1 one: bigint
-- $2 other: bigint
-- $3 state: text
-- $4 now: timestamptz
UPDATE venue_pairs
SET state = $3, decided_at = CASE WHEN $3 = 'open' THEN NULL ELSE $4::timestamptz END
WHERE low_id = least($1::bigint, $2::bigint) AND high_id = greatest($1::bigint, $2::bigint)
