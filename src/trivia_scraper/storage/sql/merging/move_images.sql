-- Pictures follow to another venue where it has none in that slot, or not this one in its gallery; and what a person
-- deleted stays deleted there.
-- $1 from_venue: bigint
-- $2 to_venue: bigint
UPDATE images i
SET owner_id = $2
WHERE i.owner_kind = 'venue' AND i.owner_id = $1
  AND NOT EXISTS (
      SELECT FROM images taken
      WHERE taken.owner_kind = 'venue' AND taken.owner_id = $2 AND taken.role = i.role
        AND CASE WHEN i.role = 'gallery' THEN taken.identity = i.identity
                 ELSE taken.provider = i.provider AND taken.deleted_at IS NULL AND i.deleted_at IS NULL END
  )
RETURNING i.id
