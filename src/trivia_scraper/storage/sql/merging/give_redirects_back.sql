-- Retired slugs that a merge moved lead to their former venue again.
-- $1 slugs: text[]
-- $2 from_venue: bigint
-- $3 to_venue: bigint
UPDATE slug_redirects SET venue_id = $3 WHERE slug = ANY ($1) AND venue_id = $2
