-- One writer of an owner's images at a time, until the transaction ends.
-- $1 owner_kind: text
-- $2 owner: bigint
SELECT pg_advisory_xact_lock(hashtextextended($1 || ':' || $2::bigint::text, 1))
