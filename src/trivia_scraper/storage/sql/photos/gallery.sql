-- A venue's gallery, tombstones included, in the order in which it is shown.
-- $1 venue: bigint
SELECT *
FROM known_photos
WHERE owner_kind = 'venue' AND owner_id = $1 AND role = 'gallery'
ORDER BY position NULLS LAST, id
