-- Sources of a run that several machines do; those that are known already stay as they are. One clock counts, the
-- server's.
-- $1 run: uuid
-- $2 sources: text[]
INSERT INTO spread_sources (run_id, source, begun_at)
SELECT $1, source, clock_timestamp() FROM unnest($2::text[]) AS chosen (source)
ON CONFLICT (run_id, source) DO NOTHING
