-- Claim a slug for a new venue, and this source's key for it; no row comes back when the slug is taken.
-- $1 slug: text
-- $2 name: text
-- $3 name_key: text
-- $4 postcode: text
-- $5 city: text
-- $6 latitude: double precision
-- $7 longitude: double precision
-- $8 country: text
-- $9 timezone: text
-- $10 source: text
-- $11 now: timestamptz
-- $12 key: text
-- $13 rule_of_V1_that_matched: text
-- $14 address: text
-- $15 place_id: text
WITH venue AS (
    INSERT INTO venues (slug, name, name_key, postcode, city, latitude, longitude, country, timezone, fact_source,
                        created_at, updated_at, address, place_id)
    SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11, $14, $15
    WHERE NOT EXISTS (SELECT FROM slug_redirects r WHERE r.slug = $1)
    ON CONFLICT (slug) DO NOTHING
    RETURNING id
)
INSERT INTO venue_keys (source, key, venue_id, rule, claimed_at)
SELECT $10, $12, id, $13, $11 FROM venue
RETURNING venue_id
