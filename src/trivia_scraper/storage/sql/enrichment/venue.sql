-- A venue as photo providers know it, by its slug or a retired one. Ids that a person stated stand first; those of
-- venues that were merged into it are its own too, as long as they are merged.
-- $1 slug: text
WITH RECURSIVE asked AS (
    SELECT v.id, v.slug, v.name, v.address, v.city, v.country, v.latitude, v.longitude
    FROM venues v
    WHERE v.saved_at IS NOT NULL AND v.merged_into IS NULL
      AND v.id IN (SELECT id FROM venues WHERE slug = $1 UNION ALL SELECT venue_id FROM slug_redirects WHERE slug = $1)
),
family AS (
    SELECT a.id FROM asked a
    UNION
    SELECT v.id FROM family f JOIN venues v ON v.merged_into = f.id
),
named AS (
    SELECT p.provider, p.id, p.added_at
    FROM venue_provider_ids p
    JOIN family f ON f.id = p.venue_id
    UNION ALL
    SELECT 'google_places', v.place_id, 'infinity'
    FROM venues v
    JOIN family f USING (id)
    WHERE v.place_id IS NOT NULL
),
known AS (
    SELECT provider, id, min(added_at) AS added_at FROM named GROUP BY provider, id
)
SELECT a.*,
       ARRAY(SELECT provider FROM known ORDER BY added_at, provider, id) AS id_providers,
       ARRAY(SELECT id FROM known ORDER BY added_at, provider, id) AS ids
FROM asked a
