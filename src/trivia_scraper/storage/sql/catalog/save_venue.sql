-- Write the merged facts of a venue.
-- $1 id: bigint
-- $2 name: text
-- $3 name_key: text
-- $4 address: text
-- $5 street: text
-- $6 city: text
-- $7 region: text
-- $8 postcode: text
-- $9 country: text
-- $10 latitude: double precision
-- $11 longitude: double precision
-- $12 timezone: text
-- $13 phone: text
-- $14 website: text
-- $15 facebook: text
-- $16 instagram: text
-- $17 place_id: text
-- $18 now: timestamptz
-- $19 source_that_states_the_facts: text
UPDATE venues
SET name = $2, name_key = $3, address = $4, street = $5, city = $6, region = $7, postcode = $8, country = $9,
    latitude = $10, longitude = $11, timezone = $12, phone = $13, website = $14, facebook = $15, instagram = $16,
    place_id = $17, fact_source = $19, saved_at = coalesce(saved_at, $18), updated_at = $18
WHERE id = $1
