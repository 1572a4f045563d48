-- Go on with a slot that a process left unfinished, under the run that it had; no row where somebody else does. Asking
-- again, after a lost commit, counts nothing twice.
-- $1 name: text
-- $2 due: timestamptz
-- $3 holder: text
-- $4 now: timestamptz
-- $5 epoch: bigint
-- $6 run: uuid
WITH resumed AS (
    UPDATE scheduled_runs s
    SET holder = $3, started_at = $4, epoch = $5, attempts = s.attempts + 1, run_id = coalesce(s.run_id, $6)
    WHERE s.name = $1
      AND s.due_at = $2
      AND s.finished_at IS NULL
      AND s.merged_into IS NULL
      AND s.skipped IS NULL
      AND NOT EXISTS (SELECT FROM store_epochs e WHERE e.epoch = s.epoch AND e.fenced_at IS NULL)
    RETURNING s.run_id
)
SELECT run_id FROM resumed
UNION ALL
SELECT run_id FROM scheduled_runs WHERE name = $1 AND due_at = $2 AND epoch = $5 AND finished_at IS NULL
LIMIT 1
