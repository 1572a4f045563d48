-- The story of a venue, or of a run, newest first: recorded changes, and the listings that made a venue or were
-- recognised as a known one.
-- $1 venue: bigint
-- $2 run: uuid
-- $3 limit: bigint
WITH RECURSIVE part (id) AS (
    SELECT $1::bigint
    UNION
    SELECT v.id FROM venues v JOIN part ON v.merged_into = part.id
)
SELECT told.at, told.run_id, v.slug AS venue, told.source, told.kind, told.event_id, e.title AS event_title,
       e.weekday AS event_weekday, e.start_time AS event_start_time, e.currency AS event_currency, told.before,
       told.after
FROM (
    SELECT c.id, c.at, c.run_id, c.venue_id, c.event_id, c.source, c.kind, c.before, c.after
    FROM changes c
    WHERE ($1 IS NULL OR c.venue_id IN (SELECT id FROM part)) AND ($2::uuid IS NULL OR c.run_id = $2)
    UNION ALL
    SELECT 0, k.claimed_at, NULL, k.venue_id, NULL, k.source,
           CASE k.rule WHEN 'new' THEN 'listing_found' ELSE 'listing_recognised' END, '{}',
           jsonb_build_object('key', k.key, 'rule', k.rule, 'confidence', k.confidence)
    FROM venue_keys k
    WHERE k.venue_id IN (SELECT id FROM part) AND $2 IS NULL
) told
JOIN venues v ON v.id = told.venue_id AND v.saved_at IS NOT NULL
LEFT JOIN events e ON e.id = told.event_id
ORDER BY told.at DESC, told.id DESC, told.kind
LIMIT $3
