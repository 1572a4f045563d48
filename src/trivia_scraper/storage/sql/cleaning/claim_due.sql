-- At most once for each due time, over all daemons: the insert decides who runs. Asking again, after a lost commit,
-- gives the winner the same answer.
-- $1 name: text
-- $2 due: timestamptz
-- $3 holder: text
-- $4 now: timestamptz
WITH claimed AS (
    INSERT INTO scheduled_runs (name, due_at, holder, started_at) VALUES ($1, $2, $3, $4)
    ON CONFLICT (name, due_at) DO NOTHING
    RETURNING name
)
SELECT EXISTS (SELECT FROM claimed)
    OR EXISTS (SELECT FROM scheduled_runs WHERE name = $1 AND due_at = $2 AND holder = $3 AND started_at = $4)
