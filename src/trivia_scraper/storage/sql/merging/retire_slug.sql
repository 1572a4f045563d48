-- A slug that is no venue's own any more leads to this one (V6).
-- $1 slug: text
-- $2 venue: bigint
INSERT INTO slug_redirects (slug, venue_id) VALUES ($1, $2)
ON CONFLICT (slug) DO UPDATE SET venue_id = excluded.venue_id
