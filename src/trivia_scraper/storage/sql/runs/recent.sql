-- The last runs, newest first.
-- $1 limit: bigint
SELECT id, options, started_at, finished_at, finish_reason, ok, report FROM runs ORDER BY started_at DESC LIMIT $1
