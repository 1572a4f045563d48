-- These venues as they are, locked in one order for everybody.
-- $1 ids: bigint[]
SELECT v.id, to_jsonb(v) AS record,
       (SELECT count(*) FROM events e WHERE e.venue_id = v.id AND e.closed_at IS NULL) AS running_events,
       (SELECT count(*) FROM images i
        WHERE i.owner_kind = 'venue' AND i.owner_id = v.id AND i.storage_key IS NOT NULL AND i.deleted_at IS NULL)
           AS stored_images,
       v.created_at
FROM venues v
WHERE v.id = ANY ($1)
ORDER BY v.id
FOR UPDATE
