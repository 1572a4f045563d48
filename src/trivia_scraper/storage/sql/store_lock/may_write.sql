-- Whether a number still counts; nobody can shut it out until the transaction ends.
-- $1 epoch: bigint
SELECT may_write($1)
