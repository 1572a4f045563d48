-- The end of a request that is ours, or nobody's: one that is begun no more.
-- $1 id: uuid
-- $2 epoch: bigint
-- $3 ok: boolean
-- $4 outcome: json
-- $5 at: timestamptz
UPDATE run_requests
SET finished_at = $5, ok = $3, outcome = $4
WHERE id = $1 AND finished_at IS NULL AND (epoch = $2 OR is_abandoned(epoch))
