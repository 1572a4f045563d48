-- Owners with at least one failure, the most failures first (R175). Every living image of the owner is in the rate.
-- $1 owner_kind: text
-- $2 city: text
-- $3 limit: bigint
WITH failing AS (
    SELECT owner_id,
           count(*) AS failed_count,
           count(*) FILTER (WHERE status = 'failed') AS failed
    FROM images
    WHERE status IN ('failed', 'permanently_failed') AND deleted_at IS NULL AND owner_kind = $1
    GROUP BY owner_id
)
SELECT o.id, o.slug, o.name, o.city, totals.total_images, f.failed_count, f.failed,
       f.failed_count - f.failed AS permanently_failed, totals.uploaded_count,
       round(100.0 * f.failed_count / totals.total_images, 1)::double precision AS failure_rate_pct
FROM failing f
JOIN image_owners o ON o.kind = $1 AND o.id = f.owner_id AND o.counts
CROSS JOIN LATERAL (
    SELECT count(*) AS total_images, count(*) FILTER (WHERE i.status = 'uploaded') AS uploaded_count
    FROM images i
    WHERE i.owner_kind = $1 AND i.owner_id = f.owner_id AND i.deleted_at IS NULL
) AS totals
WHERE $2::text IS NULL OR lower(o.city) = lower($2)
ORDER BY f.failed_count DESC, 100.0 * f.failed_count / totals.total_images DESC, o.id
LIMIT $3
