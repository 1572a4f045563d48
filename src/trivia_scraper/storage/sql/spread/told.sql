-- What the index showed and what is told of it.
-- $1 run: uuid
-- $2 source: text
SELECT seen_keys, report FROM spread_sources WHERE run_id = $1 AND source = $2
