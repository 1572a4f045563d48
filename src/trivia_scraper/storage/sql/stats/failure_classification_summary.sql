-- Images and owners of each failure class; an owner may count in several (R184).
-- $1 owner_kind: text
-- $2 transient_types: text[]
-- $3 permanent_types: text[]
SELECT failure_class(i.status, i.retry_count, i.error_type, $2, $3) AS class, count(*) AS images,
       count(DISTINCT i.owner_id) AS owners
FROM images i
JOIN image_owners o ON o.kind = $1 AND o.id = i.owner_id AND o.counts
WHERE i.status IN ('failed', 'permanently_failed') AND i.deleted_at IS NULL AND i.owner_kind = $1
GROUP BY class
