-- Failures by provider, type and host, the most first: what a whole provider or server does to us (R228).
-- $1 limit: bigint
SELECT i.provider, i.error_type, url_host(i.provider_url) AS host, count(*) AS count,
       count(DISTINCT (i.owner_kind, i.owner_id)) AS owners, min(i.error_at) AS oldest_at, max(i.error_at) AS newest_at
FROM images i
JOIN image_owners o ON o.kind = i.owner_kind AND o.id = i.owner_id AND o.counts
WHERE i.status IN ('failed', 'permanently_failed') AND i.deleted_at IS NULL
GROUP BY i.provider, i.error_type, host
ORDER BY count DESC, i.provider, i.error_type NULLS LAST, host NULLS LAST
LIMIT $1
