-- Two tasks must not create one venue twice (V3): serialise on what both would claim it by.
-- $1 names_of_the_identity: text[]
SELECT pg_advisory_xact_lock(hashtextextended(name, 0))
FROM (SELECT DISTINCT name FROM unnest($1::text[]) AS wanted (name) ORDER BY name) AS ordered
