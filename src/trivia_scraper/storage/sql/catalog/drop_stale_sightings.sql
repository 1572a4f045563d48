-- Sightings that were missed often enough go where somebody else still shows the event: a renamed page's old key, or
-- a source that left it to another. Returns the events that this source shows under no key any more.
-- $1 source: text
-- $2 keys_seen: text[]
-- $3 misses_that_close: integer
DELETE FROM event_sources s
USING events e
WHERE e.id = s.event_id AND e.closed_at IS NULL AND s.source = $1 AND s.misses >= $3
  AND EXISTS (
      SELECT FROM event_sources other
      WHERE other.event_id = s.event_id
        AND CASE WHEN other.source = $1 THEN other.key = ANY ($2) ELSE other.misses < $3 END
  )
RETURNING e.id, e.venue_id, s.key,
          NOT EXISTS (SELECT FROM event_sources mine
                      WHERE mine.event_id = e.id AND mine.source = $1 AND mine.misses < $3) AS source_left
