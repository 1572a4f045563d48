-- Whether an event has sightings under keys of another venue than this one.
-- $1 event: bigint
-- $2 venue: bigint
SELECT EXISTS (
    SELECT FROM event_sources s
    LEFT JOIN venue_keys k ON k.source = s.source AND k.key = s.key
    WHERE s.event_id = $1 AND k.venue_id IS DISTINCT FROM $2
)
