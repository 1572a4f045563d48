-- Pictures change hands.
-- $1 images: bigint[]
-- $2 owner: bigint
UPDATE images SET owner_id = $2 WHERE id = ANY ($1)
