-- Visits of sources that were finished long ago: their report stands with the run.
-- $1 before: timestamptz
DELETE FROM spread_visits v
USING spread_sources s
WHERE s.run_id = v.run_id AND s.source = v.source AND s.concluded_at < $1
