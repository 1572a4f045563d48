-- What is known of stable keys of one source.
-- $1 source: text
-- $2 keys: text[]
-- $3 now: timestamptz
SELECT k.key,
       v.id AS venue_id,
       v.slug AS venue_slug,
       seen.last_seen_at,
       seen.last_processed_at,
       EXISTS (
           SELECT FROM images i
           WHERE i.deleted_at IS NULL AND i.role <> 'gallery'
             AND (i.refresh_failed_at IS NOT NULL OR i.status = 'failed')
             AND (i.refresh_failed_at IS NOT NULL OR i.error_type IS NULL OR i.next_retry_at <= $3)
             AND (i.owner_kind = 'venue' AND i.owner_id = v.id
                  OR i.owner_kind = 'performer' AND i.owner_id = ANY (seen.performer_ids))
       ) AS image_refresh_due
FROM venue_keys k
JOIN venues v ON v.id = k.venue_id
LEFT JOIN LATERAL (
    SELECT max(s.last_seen_at) AS last_seen_at,
           max(s.last_processed_at) AS last_processed_at,
           array_agg(e.performer_id) FILTER (WHERE e.performer_id IS NOT NULL) AS performer_ids
    FROM event_sources s
    JOIN events e ON e.id = s.event_id AND e.closed_at IS NULL
    WHERE s.source = k.source AND s.key = k.key
) seen ON true
WHERE k.source = $1 AND k.key = ANY ($2)
