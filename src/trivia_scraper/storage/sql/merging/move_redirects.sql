-- Retired slugs of one venue lead to another from now on.
-- $1 from_venue: bigint
-- $2 to_venue: bigint
UPDATE slug_redirects SET venue_id = $2 WHERE venue_id = $1 RETURNING slug
