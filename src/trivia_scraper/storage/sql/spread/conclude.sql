-- A source of a run is finished: its whole report. Only the first time.
-- $1 run: uuid
-- $2 source: text
-- $3 report: jsonb
-- $4 now: timestamptz
UPDATE spread_sources SET report = $3, concluded_at = $4 WHERE run_id = $1 AND source = $2 AND concluded_at IS NULL
