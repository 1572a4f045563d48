-- These events belong to another venue from now on.
-- $1 events: bigint[]
-- $2 venue: bigint
UPDATE events SET venue_id = $2 WHERE id = ANY ($1)
