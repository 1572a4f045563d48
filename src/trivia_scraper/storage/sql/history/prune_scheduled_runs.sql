-- What ran by the clock long ago goes, some at a time; the last slot of each job stays: it says what was done already.
-- $1 before: timestamptz
-- $2 limit: bigint
DELETE FROM scheduled_runs
WHERE (name, due_at) IN (SELECT s.name, s.due_at
                         FROM scheduled_runs s
                         WHERE s.started_at < $1
                           AND EXISTS (SELECT FROM scheduled_runs later
                                       WHERE later.name = s.name AND later.due_at > s.due_at)
                         LIMIT $2)
