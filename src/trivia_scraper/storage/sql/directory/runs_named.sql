-- Runs whose id begins like this, newest first: people copy the first characters.
-- $1 beginning_of_the_id: text
SELECT id FROM runs WHERE starts_with(id::text, lower($1)) ORDER BY started_at DESC LIMIT 2
