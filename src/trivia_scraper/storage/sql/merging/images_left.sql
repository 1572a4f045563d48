-- How many pictures stay with a venue.
-- $1 venue: bigint
SELECT count(*) FROM images WHERE owner_kind = 'venue' AND owner_id = $1 AND deleted_at IS NULL
