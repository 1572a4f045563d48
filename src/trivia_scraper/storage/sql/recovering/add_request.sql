-- A recovery waits.
-- $1 owner_kind: text
-- $2 owner: bigint
-- $3 ids: bigint[]
-- $4 include_ambiguous: boolean
-- $5 priority: smallint
-- $6 options: jsonb
-- $7 requested_by: text
-- $8 now: timestamptz
INSERT INTO recovery_requests (owner_kind, owner_id, image_ids, include_ambiguous, priority, options, requested_by,
                               requested_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
