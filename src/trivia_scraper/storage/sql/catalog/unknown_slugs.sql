-- Which of these slugs name no venue.
-- $1 slugs: text[]
SELECT asked.slug
FROM unnest($1::text[]) AS asked (slug)
WHERE NOT EXISTS (SELECT FROM venues v WHERE v.slug = asked.slug AND v.saved_at IS NOT NULL)
  AND NOT EXISTS (SELECT FROM slug_redirects r WHERE r.slug = asked.slug)
