-- Other names of photos follow them to their venue, unless a photo there is called so already.
-- $1 images: bigint[]
UPDATE image_references r
SET owner_id = i.owner_id
FROM images i
WHERE r.image_id = ANY ($1) AND i.id = r.image_id AND r.owner_id <> i.owner_id
  AND NOT EXISTS (
      SELECT FROM image_references taken
      WHERE taken.owner_kind = r.owner_kind AND taken.owner_id = i.owner_id AND taken.role = r.role
        AND taken.identity = r.identity
  )
