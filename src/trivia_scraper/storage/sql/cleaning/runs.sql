-- The last cleanups, newest first, and what of each can still be brought back.
-- $1 limit: bigint
SELECT c.id AS run, c.started_at, c.finished_at, c.report, q.held_files, q.held_bytes
FROM cleanup_runs c,
LATERAL (SELECT count(*) AS held_files, coalesce(sum(bytes), 0)::bigint AS held_bytes
         FROM quarantine
         WHERE cleanup_run = c.id AND ended_at IS NULL AND moved_at IS NOT NULL) q
ORDER BY c.id DESC
LIMIT $1
