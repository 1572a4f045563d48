-- How a save ended that was written already: its line in the attempt log.
-- $1 image: bigint
-- $2 run: uuid
-- $3 at: timestamptz
SELECT outcome FROM image_attempts WHERE image_id = $1 AND at = $3 AND run_id = $2 LIMIT 1
