-- The statistics of this moment; the same moment told twice is one.
-- $1 now: timestamptz
-- $2 figures: jsonb
INSERT INTO statistics_snapshots (taken_at, figures)
SELECT $1, $2 WHERE NOT EXISTS (SELECT FROM statistics_snapshots WHERE taken_at = $1)
