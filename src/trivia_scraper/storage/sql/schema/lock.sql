-- $1 key: bigint
SELECT pg_advisory_lock($1)
