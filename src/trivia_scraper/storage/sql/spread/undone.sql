-- Which of these listings nobody has finished.
-- $1 run: uuid
-- $2 source: text
-- $3 keys: text[]
SELECT key FROM spread_visits WHERE run_id = $1 AND source = $2 AND key = ANY ($3) AND done_at IS NULL
