-- Living images by status.
-- $1 owner_kind: text
SELECT i.status, count(*) AS count
FROM images i
JOIN image_owners o ON o.kind = $1 AND o.id = i.owner_id AND o.counts
WHERE i.owner_kind = $1 AND i.deleted_at IS NULL
GROUP BY i.status
ORDER BY i.status
