-- Hosts whose last turn is long over.
-- $1 before: timestamptz
DELETE FROM host_turns WHERE next_at < $1
