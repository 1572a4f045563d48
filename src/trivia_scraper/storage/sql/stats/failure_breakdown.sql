-- Failures by provider and error type, the most first (R178).
-- $1 owner_kind: text
SELECT i.provider, i.error_type, count(*) AS count
FROM images i
JOIN image_owners o ON o.kind = $1 AND o.id = i.owner_id AND o.counts
WHERE i.status IN ('failed', 'permanently_failed') AND i.deleted_at IS NULL AND i.owner_kind = $1
GROUP BY i.provider, i.error_type
ORDER BY count DESC, i.provider, i.error_type NULLS LAST
