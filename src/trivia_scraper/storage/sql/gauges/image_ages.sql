-- Stored images by provider and by the class of their age: $2 are the moments that part the classes, the longest ago
-- first, and 0 is the class before the first of them; NULL = never verified. From one index.
-- $1 now: timestamptz
-- $2 moments: timestamptz[]
SELECT provider, width_bucket(verified_at, $2::timestamptz[]) AS class, count(*) AS images,
       coalesce(sum(date_part('epoch', $1::timestamptz - verified_at)), 0) AS age_seconds,
       coalesce(sum(bytes), 0)::bigint AS bytes
FROM images
WHERE status = 'uploaded' AND deleted_at IS NULL
GROUP BY provider, class
