-- Downloads by the runs that found the images: how many came in, how many needed more than one try, and in how many
-- runs a server limited us. A run is one run id that downloaded something.
-- $1 since: timestamptz
-- $2 until: timestamptz
SELECT count(*) AS made,
       count(*) FILTER (WHERE error_type IS NULL) AS succeeded,
       count(*) FILTER (WHERE attempt > 1) AS repeated,
       count(DISTINCT run_id) AS runs,
       count(DISTINCT run_id) FILTER (WHERE error_type = 'rate_limited') AS runs_limited
FROM image_attempts
WHERE kind = 'download' AND at >= $1 AND at < $2
