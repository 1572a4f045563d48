-- $1 key: bigint
SELECT pg_try_advisory_lock($1)
