-- What ran by the clock has ended; one that ended well is nobody's concern any more.
-- $1 name: text
-- $2 due: timestamptz
-- $3 ok: boolean
-- $4 outcome: jsonb
-- $5 now: timestamptz
WITH resolved AS (
    UPDATE issues SET resolved_at = $5 WHERE kind = 'job_given_up' AND subject = $1 AND resolved_at IS NULL AND $3
)
UPDATE scheduled_runs SET finished_at = $5, ok = $3, outcome = $4 WHERE name = $1 AND due_at = $2
