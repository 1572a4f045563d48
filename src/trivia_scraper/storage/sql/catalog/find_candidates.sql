-- Stored venues that might be the one meant (V1, V2); the decision is policy.matching's.
-- $1 name_key: text
-- $2 place_id: text
-- $3 latitude: double precision
-- $4 longitude: double precision
-- $5 half_a_box_of_250_m_in_degrees_of_latitude: double precision
-- $6 the_same_in_degrees_of_longitude: double precision
SELECT id, slug, name, address, city, postcode, place_id, latitude, longitude, saved_at
FROM venues
WHERE merged_into IS NULL
  AND (name_key = $1
       OR place_id = $2
       OR latitude BETWEEN $3::float8 - $5::float8 AND $3::float8 + $5::float8
          AND longitude BETWEEN $4::float8 - $6::float8 AND $4::float8 + $6::float8)
ORDER BY id
LIMIT 200
