-- Go on with a slot that a process left unfinished, under the run that it had; no row where somebody else does. Asking
-- again, after a lost commit, counts nothing twice. Whether it is abandoned is a condition on the row alone: as an
-- anti-join it would not be asked again for the row that another has changed meanwhile, and both would go on.
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
      AND is_abandoned(s.epoch)
    RETURNING s.run_id
)
SELECT run_id FROM resumed
UNION ALL
SELECT run_id FROM scheduled_runs WHERE name = $1 AND due_at = $2 AND epoch = $5 AND finished_at IS NULL
LIMIT 1
