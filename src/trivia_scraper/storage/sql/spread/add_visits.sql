-- Listings that are to be visited.
-- $1 run: uuid
-- $2 source: text
-- $3 keys: text[]
INSERT INTO spread_visits (run_id, source, key) SELECT $1, $2, key FROM unnest($3::text[]) AS planned (key)
