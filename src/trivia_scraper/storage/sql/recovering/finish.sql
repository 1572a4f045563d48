-- A request has ended, with what came of it.
-- $1 id: bigint
-- $2 outcome: jsonb
-- $3 now: timestamptz
UPDATE recovery_requests
SET finished_at = $3, outcome = $2
WHERE id = $1 AND finished_at IS NULL
RETURNING owner_kind, owner_id, image_ids, include_ambiguous, priority, options, requested_by, requested_at
