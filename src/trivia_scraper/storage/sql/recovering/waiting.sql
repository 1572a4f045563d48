-- Requests that wait, in the order in which they are worked: expiring links, normal ones, bulk; then those whose owner
-- needs it most (R214, R224).
-- $1 transient_types: text[]
-- $2 permanent_types: text[]
-- $3 limit: bigint
SELECT r.id, r.owner_kind, r.owner_id, r.image_ids, r.include_ambiguous, r.options
FROM recovery_requests r
LEFT JOIN image_owners o ON o.kind = r.owner_kind AND o.id = r.owner_id AND o.counts
CROSS JOIN LATERAL (
    SELECT count(*) AS total, count(*) FILTER (WHERE i.status IN ('failed', 'permanently_failed')) AS failed,
           min(i.error_at) FILTER (WHERE i.status IN ('failed', 'permanently_failed')) AS oldest_failure_at,
           bool_or(failure_class(i.status, i.retry_count, i.error_type, $1, $2) = 'transient') AS has_transient
    FROM images i
    WHERE i.owner_kind = r.owner_kind AND i.owner_id = r.owner_id AND i.deleted_at IS NULL
) AS f
WHERE r.started_at IS NULL AND r.finished_at IS NULL
ORDER BY r.priority,
         10.0 * f.failed + coalesce(100.0 * f.failed / nullif(f.total, 0), 0.0)
             + CASE WHEN f.has_transient THEN 20.0 ELSE 0.0 END + coalesce(o.activity, 0) / 100.0 DESC,
         f.oldest_failure_at NULLS LAST, r.id
LIMIT $3
