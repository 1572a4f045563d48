-- Something a person should look at; an open one of the same subject is renewed.
-- $1 kind: text
-- $2 source: text
-- $3 subject: text
-- $4 message: text
-- $5 run: uuid
-- $6 now: timestamptz
INSERT INTO issues (kind, source, subject, message, run_id, at) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (kind, (coalesce(source, '')), subject) WHERE resolved_at IS NULL
DO UPDATE SET message = excluded.message, run_id = excluded.run_id, at = excluded.at
