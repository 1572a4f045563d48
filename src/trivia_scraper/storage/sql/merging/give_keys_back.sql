-- Keys that a merge moved mean their former venue again, unless they have moved on.
-- $1 sources: text[]
-- $2 keys: text[]
-- $3 from_venue: bigint
-- $4 to_venue: bigint
UPDATE venue_keys k
SET venue_id = $4
FROM unnest($1::text[], $2::text[]) AS given (source, key)
WHERE k.source = given.source AND k.key = given.key AND k.venue_id = $3
RETURNING k.source, k.key
