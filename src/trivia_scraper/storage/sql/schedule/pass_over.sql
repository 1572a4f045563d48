-- A slot that nobody runs: it went into another one, or was skipped. One that has its row already keeps it.
-- $1 name: text
-- $2 due: timestamptz
-- $3 holder: text
-- $4 now: timestamptz
-- $5 epoch: bigint
-- $6 merged_into: timestamptz
-- $7 skipped: text
INSERT INTO scheduled_runs (name, due_at, holder, started_at, epoch, merged_into, skipped, attempts)
VALUES ($1, $2, $3, $4, $5, $6, $7, 0)
ON CONFLICT (name, due_at) DO NOTHING
