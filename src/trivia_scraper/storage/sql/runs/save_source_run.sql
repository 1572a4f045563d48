-- A source's counts in one run.
-- $1 run: uuid
-- $2 source: text
-- $3 verdict: text
-- $4 listed: integer
-- $5 report: jsonb
-- $6 now: timestamptz
INSERT INTO source_runs (run_id, source, verdict, listed, report, finished_at) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (run_id, source) DO UPDATE SET verdict = $3, listed = $4, report = $5, finished_at = $6
