-- A cleanup begins; the same beginning told twice is one cleanup.
-- $1 now: timestamptz
WITH known AS (SELECT id FROM cleanup_runs WHERE started_at = $1 AND finished_at IS NULL),
made AS (
    INSERT INTO cleanup_runs (started_at) SELECT $1 WHERE NOT EXISTS (SELECT FROM known)
    RETURNING id
)
SELECT id FROM known UNION ALL SELECT id FROM made LIMIT 1
