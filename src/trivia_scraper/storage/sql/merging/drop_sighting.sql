-- A sighting that its own venue's event has already.
-- $1 event: bigint
-- $2 source: text
-- $3 key: text
DELETE FROM event_sources WHERE event_id = $1 AND source = $2 AND key = $3
