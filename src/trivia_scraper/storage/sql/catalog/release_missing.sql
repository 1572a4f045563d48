-- A person looked: what the last complete index of a source did not show counts as missed once from now on.
-- $1 source: text
UPDATE event_sources s
SET misses = 1
FROM events e
WHERE e.id = s.event_id AND e.closed_at IS NULL AND s.source = $1 AND s.misses = 0
  AND s.last_seen_at < (
      SELECT max(r.started_at)
      FROM source_runs sr
      JOIN runs r ON r.id = sr.run_id
      WHERE sr.source = $1 AND sr.verdict = 'complete'
  )
