-- It waits again, and the attempt does not count.
-- $1 id: uuid
-- $2 epoch: bigint
UPDATE run_requests
SET taken_at = NULL, epoch = NULL, attempts = attempts - 1
WHERE id = $1 AND epoch = $2 AND finished_at IS NULL
