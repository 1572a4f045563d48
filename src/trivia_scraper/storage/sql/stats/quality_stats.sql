-- What enrichment did and lacks (images.md 10). Performers have neither position nor ids, and are not enriched. The ids
-- of venues that were merged into one are its own too, as enrichment/venue has it.
-- $1 owner_kind: text
-- $2 city: text
-- $3 enriched_since: timestamptz
WITH RECURSIVE merged AS (
    SELECT id AS member, merged_into AS venue_id FROM venues WHERE merged_into IS NOT NULL
    UNION
    SELECT m.member, v.merged_into FROM merged m JOIN venues v ON v.id = m.venue_id WHERE v.merged_into IS NOT NULL
),
named AS (
    SELECT venue_id FROM venue_provider_ids
    UNION
    SELECT m.venue_id FROM merged m JOIN venue_provider_ids p ON p.venue_id = m.member
    UNION
    SELECT m.venue_id FROM merged m JOIN venues v ON v.id = m.member WHERE v.place_id IS NOT NULL
)
SELECT count(*) AS total,
       count(*) FILTER (WHERE e.last_checked_at >= $3) AS enriched_in_7_days,
       count(*) FILTER (WHERE lacks.position) AS missing_coordinates,
       count(*) FILTER (WHERE lacks.ids) AS missing_ids,
       count(*) FILTER (WHERE lacks.position OR lacks.ids) AS missing_coordinates_or_ids
FROM image_owners o
LEFT JOIN venue_enrichment e ON o.kind = 'venue' AND e.venue_id = o.id
LEFT JOIN named ON o.kind = 'venue' AND named.venue_id = o.id
CROSS JOIN LATERAL (
    SELECT o.kind = 'venue' AND (o.latitude IS NULL OR o.longitude IS NULL) AS position,
           o.kind = 'venue' AND o.place_id IS NULL AND named.venue_id IS NULL AS ids
) AS lacks
WHERE o.kind = $1 AND o.counts AND ($2::text IS NULL OR lower(o.city) = lower($2))
