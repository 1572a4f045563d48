-- The last visits of a venue, newest first, with those of venues that were merged into it.
-- $1 venue: bigint
-- $2 limit: bigint
WITH RECURSIVE part (id) AS (
    SELECT $1::bigint
    UNION
    SELECT v.id FROM venues v JOIN part ON v.merged_into = part.id
)
SELECT source, key, run_id, at, why, outcome, error_type, error
FROM venue_visits
WHERE venue_id IN (SELECT id FROM part)
ORDER BY at DESC, source, key
LIMIT $2
