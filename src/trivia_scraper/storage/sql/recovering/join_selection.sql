-- Add images to a selection of this owner that waits (R162).
-- $1 owner_kind: text
-- $2 owner: bigint
-- $3 ids: bigint[]
-- $4 include_ambiguous: boolean
-- $5 priority: smallint
UPDATE recovery_requests
SET image_ids = (SELECT array_agg(DISTINCT id ORDER BY id) FROM unnest(image_ids || $3::bigint[]) AS each (id)),
    priority = least(priority, $5)
WHERE owner_kind = $1 AND owner_id = $2 AND image_ids IS NOT NULL AND include_ambiguous = $4
  AND started_at IS NULL AND finished_at IS NULL
