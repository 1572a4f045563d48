-- End the requests that a process began and did not finish. Run while no other process can be at them.
-- $1 outcome: jsonb
-- $2 now: timestamptz
UPDATE recovery_requests
SET finished_at = $2, outcome = $1
WHERE started_at IS NOT NULL AND finished_at IS NULL
RETURNING owner_kind, owner_id, image_ids, include_ambiguous, priority, options, requested_by, requested_at
