-- Images that a venue and its running events' performers have stored.
-- $1 slug: text
SELECT i.owner_kind || ':' || i.owner_id || ':' || i.role || ':' || i.provider AS slot, i.storage_key, i.sha256,
       i.version
FROM images i
JOIN venues v ON v.slug = $1
WHERE i.storage_key IS NOT NULL AND i.deleted_at IS NULL
  AND (i.owner_kind = 'venue' AND i.owner_id = v.id
       OR i.owner_kind = 'performer' AND i.owner_id IN (
           SELECT e.performer_id FROM events e WHERE e.venue_id = v.id AND e.closed_at IS NULL))
ORDER BY slot
