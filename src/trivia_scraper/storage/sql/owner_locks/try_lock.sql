-- Hold an owner in this session, over all machines; false = somebody else has it.
-- $1 owner: text
SELECT pg_try_advisory_lock(hashtextextended('owner ' || $1, 0))
