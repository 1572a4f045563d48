-- Owners in the order in which their failures deserve attention: policy.priority's score, then the oldest failure
-- (R183, images.md 12).
-- $1 owner_kind: text
-- $2 transient_types: text[]
-- $3 permanent_types: text[]
-- $4 limit: bigint
WITH failing AS (
    SELECT owner_id, count(*) AS failed_count, min(error_at) AS oldest_failure_at,
           bool_or(failure_class(status, retry_count, error_type, $2, $3) = 'transient') AS has_transient
    FROM images
    WHERE status IN ('failed', 'permanently_failed') AND deleted_at IS NULL AND owner_kind = $1
    GROUP BY owner_id
),
scored AS (
    SELECT o.id, o.slug, o.name, o.city, totals.total_images, f.failed_count, totals.uploaded_count,
           100.0 * f.failed_count / totals.total_images AS rate, f.has_transient, o.activity, f.oldest_failure_at,
           10.0 * f.failed_count + 100.0 * f.failed_count / totals.total_images
               + CASE WHEN f.has_transient THEN 20.0 ELSE 0.0 END + o.activity / 100.0 AS score
    FROM failing f
    JOIN image_owners o ON o.kind = $1 AND o.id = f.owner_id AND o.counts
    CROSS JOIN LATERAL (
        SELECT count(*) AS total_images, count(*) FILTER (WHERE i.status = 'uploaded') AS uploaded_count
        FROM images i
        WHERE i.owner_kind = $1 AND i.owner_id = f.owner_id AND i.deleted_at IS NULL
    ) AS totals
)
SELECT id, slug, name, city, total_images, failed_count, uploaded_count,
       round(rate, 1)::double precision AS failure_rate_pct, has_transient, activity, oldest_failure_at,
       round(score, 2)::double precision AS score
FROM scored
ORDER BY scored.score DESC, oldest_failure_at NULLS LAST, id
LIMIT $4
