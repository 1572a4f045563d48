-- Owners that have both stored images and failed ones that are not closed; the rate is of these two (R179, R180).
-- $1 owner_kind: text
-- $2 min_failures: bigint
-- $3 limit: bigint
WITH failing AS (
    SELECT owner_id, count(*) AS failed_count,
           array_agg(DISTINCT error_type ORDER BY error_type) FILTER (WHERE error_type IS NOT NULL) AS error_types
    FROM images
    WHERE status IN ('failed', 'permanently_failed') AND status <> 'permanently_failed'  -- of the index of failures
      AND deleted_at IS NULL AND owner_kind = $1
    GROUP BY owner_id
    HAVING count(*) >= $2
)
SELECT o.id, o.slug, o.name, o.city, f.failed_count, totals.uploaded_count,
       round(100.0 * f.failed_count / (f.failed_count + totals.uploaded_count), 1)::double precision
           AS failure_rate_pct,
       coalesce(f.error_types, '{}') AS error_types
FROM failing f
JOIN image_owners o ON o.kind = $1 AND o.id = f.owner_id AND o.counts
CROSS JOIN LATERAL (
    SELECT count(*) AS uploaded_count
    FROM images i
    WHERE i.owner_kind = $1 AND i.owner_id = f.owner_id AND i.status = 'uploaded' AND i.deleted_at IS NULL
) AS totals
WHERE totals.uploaded_count > 0
ORDER BY f.failed_count DESC, 1.0 * f.failed_count / (f.failed_count + totals.uploaded_count) DESC, o.id
LIMIT $3
