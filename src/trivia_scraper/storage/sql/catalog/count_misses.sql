-- One more complete run did not show these keys; counted once per run. Returns the events that nobody shows any
-- more: neither this source under another key (a page that was renamed) nor another source, which may miss it as often
-- before it counts as gone.
-- $1 source: text
-- $2 keys_seen: text[]
-- $3 run: uuid
-- $4 misses_that_close: integer
WITH missed AS (
    UPDATE event_sources s
    SET misses = s.misses + 1, last_miss_run = $3
    FROM events e
    WHERE e.id = s.event_id AND e.closed_at IS NULL AND s.source = $1 AND s.key <> ALL ($2)
      AND s.last_miss_run IS DISTINCT FROM $3
    RETURNING s.event_id, s.misses
)
SELECT DISTINCT m.event_id
FROM missed m
WHERE m.misses >= $4
  AND NOT EXISTS (
      SELECT FROM event_sources other
      WHERE other.event_id = m.event_id
        AND CASE WHEN other.source = $1 THEN other.key = ANY ($2) ELSE other.misses < $4 END
  )
