-- How much waits for a person.
SELECT count(*) FROM issues WHERE resolved_at IS NULL
