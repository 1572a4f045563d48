-- Every living image of one owner, all roles, oldest first.
-- $1 owner_kind: text
-- $2 owner: bigint
SELECT *
FROM known_photos
WHERE owner_kind = $1 AND owner_id = $2 AND deleted_at IS NULL
ORDER BY id
