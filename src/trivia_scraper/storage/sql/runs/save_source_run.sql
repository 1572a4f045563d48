-- A source's counts in one run.
-- $1 run: uuid
-- $2 source: text
-- $3 verdict: text
-- $4 listed: integer
-- $5 report: jsonb
-- $6 now: timestamptz
-- $7 read_pages: integer
-- $8 coverage: jsonb
INSERT INTO source_runs (run_id, source, verdict, listed, report, finished_at, read_pages, coverage)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (run_id, source) DO UPDATE
SET verdict = $3, listed = $4, report = $5, finished_at = $6, read_pages = $7, coverage = $8
