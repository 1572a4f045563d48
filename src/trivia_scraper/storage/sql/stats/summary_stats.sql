-- The figures of all failures together (R181). The average is that of the owners' unrounded rates; 0.0 without any.
-- $1 owner_kind: text
-- $2 transient_types: text[]
-- $3 permanent_types: text[]
WITH failing AS (
    SELECT i.owner_id, count(*) AS failed_count,
           bool_or(failure_class(i.status, i.retry_count, i.error_type, $2, $3) = 'transient') AS has_transient,
           bool_or(failure_class(i.status, i.retry_count, i.error_type, $2, $3) = 'permanent') AS has_permanent,
           bool_or(failure_class(i.status, i.retry_count, i.error_type, $2, $3) = 'ambiguous') AS has_ambiguous
    FROM images i
    JOIN image_owners o ON o.kind = $1 AND o.id = i.owner_id AND o.counts
    WHERE i.status IN ('failed', 'permanently_failed') AND i.deleted_at IS NULL AND i.owner_kind = $1
    GROUP BY i.owner_id
)
SELECT count(*) AS total_venues_with_failures,
       coalesce(sum(f.failed_count), 0)::bigint AS total_failed_images,
       coalesce(sum(totals.uploaded_count), 0)::bigint AS total_uploaded_images,
       coalesce(round(avg(100.0 * f.failed_count / totals.total_images), 1), 0)::double precision
           AS average_failure_rate,
       count(*) FILTER (WHERE f.has_transient) AS venues_with_transient,
       count(*) FILTER (WHERE f.has_permanent) AS venues_with_permanent,
       count(*) FILTER (WHERE f.has_ambiguous) AS venues_with_ambiguous
FROM failing f
CROSS JOIN LATERAL (
    SELECT count(*) AS total_images, count(*) FILTER (WHERE i.status = 'uploaded') AS uploaded_count
    FROM images i
    WHERE i.owner_kind = $1 AND i.owner_id = f.owner_id AND i.deleted_at IS NULL
) AS totals
