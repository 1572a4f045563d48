-- The venue that this source's key belongs to.
-- $1 source: text
-- $2 key: text
SELECT v.id, v.slug, v.saved_at, k.rule
FROM venue_keys k
JOIN venues v ON v.id = k.venue_id
WHERE k.source = $1 AND k.key = $2
