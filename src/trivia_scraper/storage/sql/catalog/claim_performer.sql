-- Claim a slug for a new performer; no row comes back when slug or name is taken.
-- $1 slug: text
-- $2 name: text
-- $3 name_key: text
-- $4 source: text
-- $5 now: timestamptz
INSERT INTO performers (slug, name, name_key, source, created_at)
VALUES ($1, $2, $3, $4, $5)
ON CONFLICT DO NOTHING
RETURNING id
