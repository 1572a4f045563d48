-- Venues by a slug that they have or had, or by the key of their name; `id` is the one that a merged venue is part of
-- now.
-- $1 slugs: text[]
-- $2 name_keys: text[]
SELECT v.id, called.slug, called.id AS number, called.name, called.city
FROM venues called
LEFT JOIN slug_redirects r ON r.slug = called.slug AND called.merged_into IS NOT NULL
JOIN venues v ON v.id = coalesce(r.venue_id, called.id)
WHERE (called.slug = ANY ($1) OR called.name_key = ANY ($2))
  AND v.saved_at IS NOT NULL AND v.merged_into IS NULL
UNION ALL
SELECT v.id, r.slug, NULL, NULL, NULL
FROM slug_redirects r
JOIN venues v ON v.id = r.venue_id
WHERE r.slug = ANY ($1) AND v.saved_at IS NOT NULL AND v.merged_into IS NULL
  AND NOT EXISTS (SELECT FROM venues own WHERE own.slug = r.slug)
