-- Runs of long ago go, some at a time; what a source's baseline is made of stays: its ten newest complete runs, and
-- its ten newest others (O17).
-- $1 before: timestamptz
-- $2 limit: bigint
WITH kept AS (
    SELECT run_id
    FROM (SELECT run_id,
                 row_number() OVER (PARTITION BY source, verdict = 'complete' ORDER BY finished_at DESC) AS place
          FROM source_runs) ranked
    WHERE place <= 10
)
DELETE FROM runs
WHERE id IN (SELECT r.id
             FROM runs r
             WHERE r.started_at < $1
               AND NOT EXISTS (SELECT FROM kept WHERE kept.run_id = r.id)
             ORDER BY r.started_at
             LIMIT $2)
