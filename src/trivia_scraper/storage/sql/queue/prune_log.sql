-- Lines of the queue's log that are counted and old; returns how many went.
-- $1 before: timestamptz
SELECT prune_queue_log($1)
