-- Performers by slug.
-- $1 slugs: text[]
SELECT id, slug FROM performers WHERE slug = ANY ($1) AND saved_at IS NOT NULL
