-- Other names of the photos of a venue's gallery.
-- $1 venue: bigint
SELECT identity, image_id
FROM image_references
WHERE owner_kind = 'venue' AND owner_id = $1 AND role = 'gallery'
