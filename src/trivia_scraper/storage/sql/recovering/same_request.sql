-- A request for the whole owner that answers this one as well: it waits, or was made a moment ago (R161).
-- $1 owner_kind: text
-- $2 owner: bigint
-- $3 include_ambiguous: boolean
-- $4 asked_since: timestamptz
SELECT id
FROM recovery_requests
WHERE owner_kind = $1 AND owner_id = $2 AND image_ids IS NULL AND (include_ambiguous OR NOT $3)
  AND (started_at IS NULL AND finished_at IS NULL OR requested_at > $4)
ORDER BY requested_at DESC
LIMIT 1
