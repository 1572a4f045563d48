-- The venue that this source's key belongs to, and the performer of that name (H1) if there is one.
-- $1 source: text
-- $2 key: text
-- $3 performer_name_key: text
SELECT v.id, v.slug, v.saved_at, p.id AS performer_id, p.slug AS performer_slug, p.saved_at AS performer_saved_at
FROM venue_keys k
JOIN venues v ON v.id = k.venue_id
LEFT JOIN performers p ON p.source = $1 AND p.name_key = $3
WHERE k.source = $1 AND k.key = $2
