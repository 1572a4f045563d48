-- Who took this due time, and how it ended.
-- $1 name: text
-- $2 due: timestamptz
SELECT name, due_at, started_at, finished_at, holder, ok FROM scheduled_runs WHERE name = $1 AND due_at = $2
