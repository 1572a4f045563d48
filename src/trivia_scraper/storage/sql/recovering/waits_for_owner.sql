-- Whether a request for the whole owner waits.
-- $1 owner_kind: text
-- $2 owner: bigint
-- $3 include_ambiguous: boolean
SELECT EXISTS (
    SELECT FROM recovery_requests
    WHERE owner_kind = $1 AND owner_id = $2 AND image_ids IS NULL AND include_ambiguous = $3
      AND started_at IS NULL AND finished_at IS NULL)
