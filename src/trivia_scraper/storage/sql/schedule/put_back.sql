-- Work that was begun and given up for a stop: the next process goes on with it, and the attempt does not count.
-- $1 name: text
-- $2 due: timestamptz
-- $3 epoch: bigint
UPDATE scheduled_runs SET attempts = attempts - 1, epoch = NULL
WHERE name = $1 AND due_at = $2 AND epoch = $3 AND finished_at IS NULL
