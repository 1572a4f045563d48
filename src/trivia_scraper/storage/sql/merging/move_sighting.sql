-- A sighting belongs to another event from now on, unless that one has it already.
-- $1 from_event: bigint
-- $2 to_event: bigint
-- $3 source: text
-- $4 key: text
UPDATE event_sources s
SET event_id = $2
WHERE s.event_id = $1 AND s.source = $3 AND s.key = $4
  AND NOT EXISTS (SELECT FROM event_sources o WHERE o.event_id = $2 AND o.source = $3 AND o.key = $4)
