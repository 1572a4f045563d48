-- The listings that full enrichments would have made in place of recoveries, by provider: for every venue and day with
-- a recovery one listing of each provider that knows the venue by an id, be it that of a venue that was merged into it
-- (images.md 12). The photos that such a listing would have named are those that we know of that venue and provider, at
-- most $4.
-- $1 since: timestamptz
-- $2 until: timestamptz
-- $3 providers: text[]
-- $4 most_listed: bigint
WITH RECURSIVE retried AS (
    SELECT i.owner_id AS venue_id, count(DISTINCT (a.at AT TIME ZONE 'UTC')::date) AS days
    FROM image_attempts a
    JOIN images i ON i.id = a.image_id
    WHERE a.kind = 'recovery' AND a.at >= $1 AND a.at < $2 AND i.owner_kind = 'venue'
    GROUP BY i.owner_id
),
family AS (
    SELECT venue_id, venue_id AS member, days FROM retried
    UNION
    SELECT f.venue_id, v.id, f.days FROM family f JOIN venues v ON v.merged_into = f.member
),
named AS (
    SELECT f.venue_id, f.days, p.provider FROM family f JOIN venue_provider_ids p ON p.venue_id = f.member
    UNION
    SELECT f.venue_id, f.days, 'google_places'
    FROM family f JOIN venues v ON v.id = f.member AND v.place_id IS NOT NULL
)
SELECT n.provider, sum(n.days)::bigint AS listings,
       sum(n.days * least(known.photos, coalesce($4, known.photos)))::bigint AS photos
FROM named n
CROSS JOIN LATERAL (
    SELECT count(*) AS photos
    FROM images i
    WHERE i.owner_kind = 'venue' AND i.owner_id = n.venue_id AND i.provider = n.provider AND i.deleted_at IS NULL
) AS known
WHERE n.provider = ANY ($3)
GROUP BY n.provider
ORDER BY n.provider
