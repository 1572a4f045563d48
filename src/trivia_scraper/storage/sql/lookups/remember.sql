-- How a look-up ended; a place that was found stays.
-- $1 query: text
-- $2 now: timestamptz
-- $3 outcome: text
-- $4 latitude: double precision
-- $5 longitude: double precision
-- $6 city: text
-- $7 postcode: text
-- $8 error: text
INSERT INTO place_lookups (query, asked_at, outcome, latitude, longitude, city, postcode, error)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (query) DO UPDATE
SET asked_at = excluded.asked_at, outcome = excluded.outcome, latitude = excluded.latitude,
    longitude = excluded.longitude, city = excluded.city, postcode = excluded.postcode, error = excluded.error
WHERE place_lookups.outcome <> 'found'
