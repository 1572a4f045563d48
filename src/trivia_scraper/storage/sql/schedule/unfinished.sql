-- Slots that were begun by processes that write no more, and never ended.
-- $1 now: timestamptz
SELECT s.name,
       s.due_at,
       s.run_id,
       s.attempts,
       EXISTS (
           SELECT
           FROM scheduled_runs later
           WHERE later.name = s.name
             AND later.due_at > s.due_at
             AND later.due_at <= $1
             AND later.merged_into IS NULL
             AND later.skipped IS NULL
       ) AS is_superseded
FROM scheduled_runs s
WHERE s.finished_at IS NULL
  AND s.merged_into IS NULL
  AND s.skipped IS NULL
  AND NOT EXISTS (SELECT FROM store_epochs e WHERE e.epoch = s.epoch AND e.fenced_at IS NULL)
ORDER BY s.due_at, s.name
