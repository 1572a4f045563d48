-- Stored venues that might be the one meant (V1, V2), the likeliest first; the decision is policy.matching's. The one
-- that the listing's own key means is known, and stands before all others.
-- $1 name_key: text
-- $2 place_id: text
-- $3 latitude: double precision
-- $4 longitude: double precision
-- $5 half_a_box_of_1_km_in_degrees_of_latitude: double precision
-- $6 the_same_in_degrees_of_longitude: double precision
-- $7 postcode_key: text
-- $8 city: text
-- $9 weighty_words_of_the_name: text[]
-- $10 source: text
-- $11 key: text
WITH known AS (SELECT venue_id FROM venue_keys WHERE source = $10 AND key = $11)
SELECT id, slug, name, address, city, postcode, place_id, latitude, longitude, saved_at,
       id IS NOT DISTINCT FROM (SELECT venue_id FROM known) AS is_known
FROM venues
WHERE merged_into IS NULL
  AND (id = (SELECT venue_id FROM known)
       OR name_key = $1
       OR place_id = $2
       OR upper(regexp_replace(postcode, '\s', '', 'g')) = $7
       OR latitude BETWEEN $3::float8 - $5::float8 AND $3::float8 + $5::float8
          AND longitude BETWEEN $4::float8 - $6::float8 AND $4::float8 + $6::float8
       -- within a city words decide only where a position is unknown
       OR lower(city) = lower($8) AND (latitude IS NULL OR $3 IS NULL)
          AND string_to_array(name_key, ' ') && $9::text[])
ORDER BY is_known DESC, place_id IS NOT DISTINCT FROM $2 AND $2 IS NOT NULL DESC, name_key = $1 DESC,
         (latitude - $3) ^ 2 + (longitude - $4) ^ 2 NULLS LAST, id
LIMIT 200
