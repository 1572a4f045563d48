-- Sources of a run that are not finished although no job of theirs waits or is being done.
-- $1 run: uuid
SELECT source
FROM spread_sources
WHERE run_id = $1
  AND concluded_at IS NULL
  AND NOT is_queued(format('index:%s:%s', run_id, source), format('batch:%s:%s:', run_id, source))
