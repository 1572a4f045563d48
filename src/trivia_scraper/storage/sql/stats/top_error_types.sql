-- The most frequent error types of all failures.
-- $1 owner_kind: text
-- $2 limit: bigint
SELECT i.error_type, count(*) AS count
FROM images i
JOIN image_owners o ON o.kind = $1 AND o.id = i.owner_id AND o.counts
WHERE i.status IN ('failed', 'permanently_failed') AND i.deleted_at IS NULL AND i.owner_kind = $1
GROUP BY i.error_type
ORDER BY count DESC, i.error_type NULLS LAST
LIMIT $2
