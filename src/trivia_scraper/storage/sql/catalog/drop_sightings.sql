-- This source no longer shows these events; another one still does.
-- $1 events: bigint[]
-- $2 source: text
-- $3 key: text
DELETE FROM event_sources WHERE event_id = ANY ($1) AND source = $2 AND key = $3
