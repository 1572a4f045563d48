-- Put and collect of a key exclude each other until the transaction ends; in one order, against deadlock.
-- $1 storage_keys: text[]
SELECT pg_advisory_xact_lock(hashtextextended(key, 0))
FROM (SELECT DISTINCT key FROM unnest($1::text[]) AS wanted (key) ORDER BY key) AS ordered
