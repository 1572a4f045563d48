-- Recoveries that were asked for and have not begun.
SELECT count(*) FROM recovery_requests WHERE started_at IS NULL AND finished_at IS NULL
