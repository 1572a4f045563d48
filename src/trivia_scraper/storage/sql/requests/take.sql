-- Begin with a request that nobody works on. Asking again, after a lost commit, gets the same answer.
-- $1 id: uuid
-- $2 epoch: bigint
-- $3 at: timestamptz
UPDATE run_requests
SET taken_at = $3,
    epoch = $2,
    attempts = attempts + (epoch IS DISTINCT FROM $2 OR taken_at IS DISTINCT FROM $3)::integer
WHERE id = $1 AND finished_at IS NULL AND (is_abandoned(epoch) OR (epoch = $2 AND taken_at = $3))
RETURNING true
