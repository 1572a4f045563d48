-- What ran by the clock has ended.
-- $1 name: text
-- $2 due: timestamptz
-- $3 ok: boolean
-- $4 outcome: jsonb
-- $5 now: timestamptz
UPDATE scheduled_runs SET finished_at = $5, ok = $3, outcome = $4 WHERE name = $1 AND due_at = $2
