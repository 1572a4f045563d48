-- Stored images by provider and by when they were verified: to the hour for 14 days back, to the day before. Bins begin
-- a whole number of hours before now, so that shares of whole hours are exact. Reads one index from end to end.
-- $1 now: timestamptz
SELECT provider,
       CASE WHEN verified_at > $1::timestamptz - interval '14 days' THEN date_bin('1 hour', verified_at, $1)
            ELSE date_bin('1 day', verified_at, $1) END AS since,
       count(*) AS images
FROM images
WHERE status = 'uploaded' AND deleted_at IS NULL
GROUP BY 1, 2
