-- At most once for each due time, over all daemons: the insert decides who runs. Asking again, after a lost commit,
-- gives the winner the same answer. A slot that was skipped can be made up for.
-- $1 name: text
-- $2 due: timestamptz
-- $3 holder: text
-- $4 now: timestamptz
-- $5 epoch: bigint
-- $6 run: uuid
WITH claimed AS (
    INSERT INTO scheduled_runs (name, due_at, holder, started_at, epoch, run_id) VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT (name, due_at) DO UPDATE
        SET holder = excluded.holder,
            started_at = excluded.started_at,
            epoch = excluded.epoch,
            run_id = excluded.run_id,
            skipped = NULL
        WHERE scheduled_runs.skipped IS NOT NULL
    RETURNING name
)
SELECT EXISTS (SELECT FROM claimed)
    OR EXISTS (
        SELECT
        FROM scheduled_runs
        WHERE name = $1 AND due_at = $2 AND holder = $3 AND run_id = $6 AND finished_at IS NULL
    )
