-- Put and collect of one key exclude each other until the transaction ends.
-- $1 storage_key: text
SELECT pg_advisory_xact_lock(hashtextextended($1, 0))
