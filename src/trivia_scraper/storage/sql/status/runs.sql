-- The run that ended last, and those without an end that were heard of lately, newest first.
-- $1 heard_since: timestamptz
SELECT id, started_at, finished_at, finish_reason, ok, host, pid, progress, progress_at
FROM (SELECT * FROM runs WHERE finished_at IS NOT NULL ORDER BY started_at DESC LIMIT 1) AS last
UNION ALL
SELECT id, started_at, finished_at, finish_reason, ok, host, pid, progress, progress_at
FROM (SELECT *
      FROM runs
      WHERE finished_at IS NULL AND coalesce(progress_at, started_at) >= $1
      ORDER BY started_at DESC
      LIMIT 5) AS unfinished
