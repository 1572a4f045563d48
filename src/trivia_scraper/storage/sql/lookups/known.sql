-- What is known of an address that was looked up before.
-- $1 query: text
SELECT outcome, asked_at, latitude, longitude, city, postcode, error
FROM place_lookups
WHERE query = $1
