-- Of these images, those whose recovery waits or is under way, and since when it was asked for.
-- $1 images: bigint[]
SELECT i.id, min(r.requested_at) AS requested_at
FROM images i
JOIN recovery_requests r
  ON r.owner_kind = i.owner_kind AND r.owner_id = i.owner_id AND r.finished_at IS NULL
     AND (r.image_ids IS NULL OR i.id = ANY (r.image_ids))
WHERE i.id = ANY ($1)
GROUP BY i.id
