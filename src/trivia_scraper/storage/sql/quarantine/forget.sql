-- Nothing was moved after all.
-- $1 id: bigint
DELETE FROM quarantine WHERE id = $1
