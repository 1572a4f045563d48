-- Whether there was such a cleanup.
-- $1 run: bigint
SELECT EXISTS (SELECT FROM cleanup_runs WHERE id = $1)
