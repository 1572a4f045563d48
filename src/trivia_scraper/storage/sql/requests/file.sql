-- Filing an id again changes nothing. What ended a month ago goes.
-- $1 id: uuid
-- $2 kind: text
-- $3 options: jsonb
-- $4 details: jsonb
-- $5 requested_by: text
-- $6 requested_at: timestamptz
WITH old AS (DELETE FROM run_requests WHERE finished_at < $6::timestamptz - interval '30 days')
INSERT INTO run_requests (id, kind, options, details, requested_by, requested_at)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (id) DO NOTHING
