-- Running events of a source against the keys that a complete index showed.
-- $1 source: text
-- $2 keys_seen: text[]
-- $3 run: uuid
SELECT count(DISTINCT s.event_id) AS running,
       count(DISTINCT s.event_id) FILTER (WHERE s.key <> ALL ($2)) AS missing,
       count(DISTINCT s.event_id) FILTER (WHERE s.key <> ALL ($2) AND s.misses = 0
                                          AND s.last_miss_run IS DISTINCT FROM $3) AS newly_missing
FROM event_sources s
JOIN events e ON e.id = s.event_id AND e.closed_at IS NULL
WHERE s.source = $1
