-- How many of these pictures are none that somebody deleted.
-- $1 images: bigint[]
SELECT count(*) FROM images WHERE id = ANY ($1) AND deleted_at IS NULL
