-- The index proves that these keys exist: "seen" moves, "processed" does not (E4). Misses start anew.
-- $1 source: text
-- $2 keys: text[]
-- $3 now: timestamptz
UPDATE event_sources s
SET last_seen_at = $3, misses = 0
FROM events e
WHERE e.id = s.event_id AND e.closed_at IS NULL AND s.source = $1 AND s.key = ANY ($2)
