-- The newest snapshot.
SELECT taken_at, figures FROM statistics_snapshots ORDER BY taken_at DESC, id DESC LIMIT 1
