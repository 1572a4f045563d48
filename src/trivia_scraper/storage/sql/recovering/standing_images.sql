-- Which of these images are an owner's and not deleted; all of the owner's for NULL. No row: there is nothing to retry.
-- $1 owner_kind: text
-- $2 owner: bigint
-- $3 ids: bigint[]
SELECT i.id, i.provider, i.status
FROM images i
JOIN image_owners o ON o.kind = i.owner_kind AND o.id = i.owner_id AND o.counts
WHERE i.owner_kind = $1 AND i.owner_id = $2 AND i.deleted_at IS NULL AND ($3::bigint[] IS NULL OR i.id = ANY ($3))
ORDER BY i.id
