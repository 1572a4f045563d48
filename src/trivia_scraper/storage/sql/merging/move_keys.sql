-- Every key of one venue means another venue from now on.
-- $1 from_venue: bigint
-- $2 to_venue: bigint
UPDATE venue_keys SET venue_id = $2 WHERE venue_id = $1 RETURNING source, key
