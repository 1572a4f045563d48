-- One more complete run did not show these; counted once per run. Returns those with enough misses.
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
      -- Another source still shows it: then it only loses this source's sighting.
      SELECT FROM event_sources other
      WHERE other.event_id = m.event_id AND other.source <> $1 AND other.misses = 0
  )
