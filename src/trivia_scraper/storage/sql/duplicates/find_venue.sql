-- A venue by its own slug, or by one that it had; merged ones too.
-- $1 slug: text
SELECT v.id, v.slug, v.name, v.address, v.city, v.postcode, v.place_id, v.latitude, v.longitude, v.merged_into,
       into_venue.slug AS merged_into_slug
FROM venues v
LEFT JOIN venues into_venue ON into_venue.id = v.merged_into
LEFT JOIN slug_redirects r ON r.slug = $1
WHERE v.saved_at IS NOT NULL AND (v.slug = $1 OR v.id = r.venue_id)
ORDER BY v.slug = $1 DESC
LIMIT 1
