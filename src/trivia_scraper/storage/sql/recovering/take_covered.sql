-- Requests for a whole owner that a recovery of it answers by the way.
-- $1 owner_kind: text
-- $2 owner: bigint
-- $3 include_ambiguous: boolean
-- $4 now: timestamptz
UPDATE recovery_requests
SET started_at = $4
WHERE owner_kind = $1 AND owner_id = $2 AND image_ids IS NULL AND ($3 OR NOT include_ambiguous)
  AND (started_at IS NULL OR started_at = $4) AND finished_at IS NULL
RETURNING id
