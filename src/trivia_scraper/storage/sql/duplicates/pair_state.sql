-- What is decided about two venues; no row when nobody has compared them.
-- $1 one: bigint
-- $2 other: bigint
SELECT state FROM venue_pairs WHERE low_id = least($1::bigint, $2::bigint) AND high_id = greatest($1::bigint, $2::bigint)
