-- This session says that a number's process is alive, until the session ends.
-- $1 epoch: bigint
SELECT pg_advisory_lock(1953655159, ($1::bigint & 2147483647)::integer)
