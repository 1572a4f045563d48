-- Venues that a reader may see, in reading order.
-- $1 source: text
-- $2 city: text
-- $3 slug: text
-- $4 limit: bigint
SELECT v.id, v.slug, v.name, v.address, v.street, v.postcode, v.city, v.region, v.country, v.latitude, v.longitude,
       v.timezone, v.phone, v.website, v.facebook, v.instagram, v.created_at, v.updated_at
FROM venues v
WHERE v.saved_at IS NOT NULL AND v.merged_into IS NULL
  AND ($1::text IS NULL OR EXISTS (SELECT FROM venue_keys k WHERE k.venue_id = v.id AND k.source = $1))
  AND ($2::text IS NULL OR lower(v.city) = lower($2))
  AND ($3::text IS NULL OR v.slug = $3
       OR EXISTS (SELECT FROM slug_redirects r WHERE r.slug = $3 AND r.venue_id = v.id))
ORDER BY v.slug
LIMIT $4
