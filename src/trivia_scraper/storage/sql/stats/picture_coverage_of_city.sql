-- As picture_coverage, of one city: from its owners to their images.
-- $1 owner_kind: text
-- $2 city: text
WITH shown AS (
    SELECT o.id, array_agg(DISTINCT i.provider ORDER BY i.provider) AS providers
    FROM image_owners o
    JOIN images i ON i.owner_kind = $1 AND i.owner_id = o.id
                 AND i.status IN ('uploaded', 'skipped', 'external') AND i.deleted_at IS NULL
    WHERE o.kind = $1 AND o.counts AND lower(o.city) = lower($2)
    GROUP BY o.id
)
SELECT providers, count(*) AS owners FROM shown GROUP BY providers
