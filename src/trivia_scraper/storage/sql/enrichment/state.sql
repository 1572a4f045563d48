-- What is kept of a venue's enrichments; one row, whether it was ever enriched or not.
-- $1 venue: bigint
SELECT e.last_checked_at, e.last_status, e.last_summary, e.providers, e.providers_used, e.completeness, e.cost,
       e.history,
       EXISTS (SELECT
               FROM images i
               WHERE i.owner_kind = 'venue' AND i.owner_id = v.id AND i.deleted_at IS NULL
                 AND i.status IN ('uploaded', 'skipped', 'external')) AS has_images
FROM venues v
LEFT JOIN venue_enrichment e ON e.venue_id = v.id
WHERE v.id = $1
