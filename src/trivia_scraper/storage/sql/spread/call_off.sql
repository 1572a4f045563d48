-- Nobody wants what is left of a run any more.
-- $1 run: uuid
-- $2 now: timestamptz
UPDATE spread_sources SET called_off_at = $2 WHERE run_id = $1 AND concluded_at IS NULL AND called_off_at IS NULL
