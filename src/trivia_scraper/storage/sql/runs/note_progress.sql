-- How far a run is.
-- $1 id: uuid
-- $2 progress: jsonb
-- $3 now: timestamptz
UPDATE runs SET progress = $2, progress_at = $3 WHERE id = $1 AND finished_at IS NULL
