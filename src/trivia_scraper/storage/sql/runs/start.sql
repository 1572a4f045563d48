-- A run begins.
-- $1 id: uuid
-- $2 options: jsonb
-- $3 epoch: bigint
-- $4 pid: integer
-- $5 host: text
-- $6 now: timestamptz
INSERT INTO runs (id, options, epoch, pid, host, started_at) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (id) DO NOTHING
