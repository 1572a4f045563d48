-- Every venue that a reader sees, as far as comparing needs it.
SELECT id, slug, name, address, city, postcode, place_id, latitude, longitude
FROM venues
WHERE saved_at IS NOT NULL AND merged_into IS NULL
ORDER BY id
