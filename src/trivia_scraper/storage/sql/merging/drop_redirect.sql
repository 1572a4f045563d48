-- A slug is its venue's own again.
-- $1 slug: text
DELETE FROM slug_redirects WHERE slug = $1
