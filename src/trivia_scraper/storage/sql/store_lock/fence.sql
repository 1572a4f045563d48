-- A number counts no more.
-- $1 epoch: bigint
SELECT fence($1, now())
