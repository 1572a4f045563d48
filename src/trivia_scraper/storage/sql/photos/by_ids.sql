-- Images by id, tombstones included.
-- $1 ids: bigint[]
SELECT *
FROM known_photos
WHERE id = ANY ($1)
ORDER BY id
