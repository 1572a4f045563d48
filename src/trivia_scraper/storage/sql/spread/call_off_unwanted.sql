-- What is left of runs that nobody waits for: a request that was taken back, a slot that was given up.
-- $1 run: uuid
-- $2 now: timestamptz
UPDATE spread_sources s
SET called_off_at = $2
WHERE s.run_id <> $1
  AND s.concluded_at IS NULL
  AND s.called_off_at IS NULL
  AND NOT EXISTS (SELECT FROM run_requests r WHERE r.id = s.run_id AND r.finished_at IS NULL)
  AND NOT EXISTS (
      SELECT
      FROM scheduled_runs d
      WHERE d.run_id = s.run_id AND d.finished_at IS NULL AND d.merged_into IS NULL AND d.skipped IS NULL)
