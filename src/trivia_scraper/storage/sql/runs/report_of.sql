-- What is known of one run; without a report it has not ended, or was cut off.
-- $1 id: uuid
SELECT id, started_at, report FROM runs WHERE id = $1
