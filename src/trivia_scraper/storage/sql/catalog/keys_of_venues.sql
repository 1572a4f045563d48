-- Stable keys by which one source shows these venues; a retired slug counts for its venue.
-- $1 source: text
-- $2 slugs: text[]
SELECT asked.slug, k.key
FROM unnest($2::text[]) AS asked (slug)
LEFT JOIN slug_redirects r ON r.slug = asked.slug
JOIN venues v ON v.slug = asked.slug OR v.id = r.venue_id
JOIN venue_keys k ON k.venue_id = v.id AND k.source = $1
ORDER BY asked.slug, k.key
