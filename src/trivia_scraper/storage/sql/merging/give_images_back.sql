-- Pictures that a merge moved go back, and those that the returning listings have brought since, where the slot is free.
-- $1 images: bigint[]
-- $2 sources: text[]
-- $3 keys: text[]
-- $4 from_venue: bigint
-- $5 to_venue: bigint
UPDATE images i
SET owner_id = $5
WHERE i.owner_kind = 'venue' AND i.owner_id = $4
  AND (i.id = ANY ($1)
       OR (i.provider, i.listing_key) IN (SELECT * FROM unnest($2::text[], $3::text[])))
  AND NOT EXISTS (
      SELECT FROM images taken
      WHERE taken.owner_kind = 'venue' AND taken.owner_id = $5 AND taken.role = i.role
        AND CASE WHEN i.role = 'gallery' THEN taken.identity = i.identity
                 ELSE taken.provider = i.provider AND taken.deleted_at IS NULL AND i.deleted_at IS NULL END
  )
RETURNING i.id
