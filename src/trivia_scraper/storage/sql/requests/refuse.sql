-- The end of a request that cannot be read.
-- $1 id: uuid
-- $2 outcome: json
UPDATE run_requests
SET finished_at = now(), ok = false, outcome = $2
WHERE id = $1 AND finished_at IS NULL
