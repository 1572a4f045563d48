-- Every living venue and performer with a failure, venues first (R165).
SELECT f.owner_kind, f.owner_id
FROM (SELECT DISTINCT owner_kind, owner_id
      FROM images
      WHERE status IN ('failed', 'permanently_failed') AND deleted_at IS NULL) f
JOIN image_owners o ON o.kind = f.owner_kind AND o.id = f.owner_id AND o.counts
ORDER BY f.owner_kind DESC, f.owner_id
