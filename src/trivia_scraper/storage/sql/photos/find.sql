-- The row of an identity, or of the photo that it is another name of.
-- $1 owner_kind: text
-- $2 owner: bigint
-- $3 role: text
-- $4 identity: text
SELECT id FROM images WHERE owner_kind = $1 AND owner_id = $2 AND role = $3 AND identity = $4
UNION ALL
SELECT image_id FROM image_references WHERE owner_kind = $1 AND owner_id = $2 AND role = $3 AND identity = $4
LIMIT 1
