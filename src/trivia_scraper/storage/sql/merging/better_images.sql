-- Pictures that both venues know, where the one of the venue that goes ranks higher (images.md D2): stored before
-- linked before failed before closed, in a gallery then the better and the newer one.
-- $1 loser: bigint
-- $2 winner: bigint
WITH ranked AS (
    SELECT id, owner_id, role, provider, identity,
           CASE status WHEN 'uploaded' THEN 3 WHEN 'skipped' THEN 2 WHEN 'external' THEN 2 WHEN 'failed' THEN 1
                       ELSE 0 END AS rank,
           coalesce(quality_score, 0) AS score, coalesce(fetched_at, '-infinity') AS fetched_at
    FROM images
    WHERE owner_kind = 'venue' AND owner_id IN ($1, $2) AND deleted_at IS NULL
)
SELECT goes.id AS better, stays.id AS worse
FROM ranked goes
JOIN ranked stays ON goes.role = stays.role
     AND CASE WHEN goes.role = 'gallery' THEN goes.identity = stays.identity ELSE goes.provider = stays.provider END
WHERE goes.owner_id = $1 AND stays.owner_id = $2
  AND CASE WHEN goes.role = 'gallery'
           THEN (goes.rank, goes.score, goes.fetched_at) > (stays.rank, stays.score, stays.fetched_at)
           ELSE goes.rank > stays.rank END
ORDER BY goes.id
