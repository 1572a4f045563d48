-- Only the newest snapshots are kept (R220).
-- $1 kept: bigint
DELETE FROM statistics_snapshots
WHERE id NOT IN (SELECT id FROM statistics_snapshots ORDER BY taken_at DESC, id DESC LIMIT $1)
