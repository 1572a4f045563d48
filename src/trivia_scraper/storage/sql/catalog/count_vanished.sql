-- Running events of a source against the keys that a complete index showed.
-- $1 source: text
-- $2 keys_seen: text[]
-- $3 run: uuid
WITH shown AS (
    SELECT s.event_id,
           bool_or(s.key = ANY ($2)) AS now,
           min(s.misses) = 0 AS lately,
           bool_or(s.last_miss_run IS NOT DISTINCT FROM $3) AS counted
    FROM event_sources s
    JOIN events e ON e.id = s.event_id AND e.closed_at IS NULL
    WHERE s.source = $1
    GROUP BY s.event_id
)
SELECT count(*) AS running,
       count(*) FILTER (WHERE NOT now) AS missing,
       count(*) FILTER (WHERE NOT now AND lately AND NOT counted) AS newly_missing
FROM shown
