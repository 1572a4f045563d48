-- Let an owner go.
-- $1 owner: text
SELECT pg_advisory_unlock(hashtextextended('owner ' || $1, 0))
