-- How each visit of a source ended.
-- $1 run: uuid
-- $2 source: text
SELECT report FROM spread_visits WHERE run_id = $1 AND source = $2 AND done_at IS NOT NULL ORDER BY done_at, key
