-- Requests to each provider in the last second, minute, hour and day, and their cost.
-- $1 now: timestamptz
SELECT provider,
       count(*) FILTER (WHERE at > $1::timestamptz - interval '1 second') AS last_second,
       count(*) FILTER (WHERE at > $1::timestamptz - interval '1 minute') AS last_minute,
       count(*) FILTER (WHERE at > $1::timestamptz - interval '1 hour') AS last_hour,
       count(*) AS last_day,
       sum(cost)::double precision AS cost_last_day
FROM provider_requests
WHERE at > $1::timestamptz - interval '1 day' AND at <= $1
GROUP BY provider
ORDER BY provider
