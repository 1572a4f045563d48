-- Venues that are due to be looked up, those that were asked for longest ago first, and how many there are (R91-R94).
-- An enrichment that failed leaves last_checked_at and moves updated_at: the venue stays due, behind the others.
-- $1 checked_before: timestamptz
-- $2 checked_before_without_images: timestamptz
-- $3 providers: text[]
-- $4 most: bigint
WITH RECURSIVE merged AS (
    SELECT id AS member, merged_into AS venue_id FROM venues WHERE merged_into IS NOT NULL
    UNION
    SELECT m.member, v.merged_into FROM merged m JOIN venues v ON v.id = m.venue_id WHERE v.merged_into IS NOT NULL
),
identified AS (
    SELECT venue_id FROM venue_provider_ids WHERE provider = ANY ($3)
    UNION
    SELECT id FROM venues WHERE place_id IS NOT NULL AND 'google_places' = ANY ($3)
),
known AS (
    SELECT venue_id FROM identified
    UNION
    SELECT m.venue_id FROM merged m JOIN identified i ON i.venue_id = m.member
),
living AS (
    SELECT v.id, v.slug, e.last_checked_at, e.updated_at,
           EXISTS (SELECT
                   FROM images i
                   WHERE i.owner_kind = 'venue' AND i.owner_id = v.id AND i.deleted_at IS NULL
                     AND i.status IN ('uploaded', 'skipped', 'external')) AS has_images
    FROM venues v
    LEFT JOIN venue_enrichment e ON e.venue_id = v.id
    WHERE v.saved_at IS NOT NULL AND v.merged_into IS NULL
),
stale AS (
    SELECT l.id, l.slug, l.updated_at, $3::text[] IS NULL OR k.venue_id IS NOT NULL AS has_id
    FROM living l
    LEFT JOIN known k ON k.venue_id = l.id
    WHERE l.last_checked_at IS NULL
       OR l.last_checked_at <= CASE WHEN l.has_images THEN $1::timestamptz ELSE $2::timestamptz END
)
SELECT (SELECT count(*) FROM living) AS total,
       (SELECT count(*) FROM stale) AS stale,
       (SELECT count(*) FROM stale WHERE NOT has_id) AS no_id,
       ARRAY(SELECT slug FROM stale WHERE has_id ORDER BY updated_at NULLS FIRST, id LIMIT $4) AS venues
