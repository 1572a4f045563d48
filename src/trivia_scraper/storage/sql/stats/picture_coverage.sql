-- Owners that have something to show (a stored image, one skipped on purpose, a link), by the providers they have it
-- from: each combination of providers once, so that both owners and providers can be counted. Reads every image, from
-- an index; those whose owner does not count are few and left out at the end.
-- $1 owner_kind: text
WITH shown AS (
    SELECT owner_id, array_agg(provider) AS providers
    FROM (
        SELECT owner_id, provider
        FROM images
        WHERE owner_kind = $1 AND status IN ('uploaded', 'skipped', 'external') AND deleted_at IS NULL
        GROUP BY owner_id, provider
    ) AS pairs
    GROUP BY owner_id
)
SELECT providers, count(*) AS owners
FROM shown
WHERE owner_id NOT IN (SELECT id FROM image_owners WHERE kind = $1 AND NOT counts)
GROUP BY providers
