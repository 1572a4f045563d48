-- Listings that mean this venue: how they were recognised, when they were seen and read, how their sources fare, and
-- whether a picture is due again (as catalog/known_listings has it).
-- $1 venue: bigint
-- $2 now: timestamptz
SELECT k.source, k.key, seen.url, k.rule, k.confidence, k.claimed_at, seen.first_seen_at, seen.last_seen_at,
       seen.last_read_at, seen.evenings, seen.misses,
       EXISTS (
           SELECT FROM images i
           WHERE i.deleted_at IS NULL AND i.role <> 'gallery'
             AND (i.refresh_failed_at IS NOT NULL OR i.status = 'failed')
             AND (i.refresh_failed_at IS NOT NULL OR i.error_type IS NULL OR i.next_retry_at <= $2)
             AND (i.owner_kind = 'venue' AND i.owner_id = k.venue_id
                  OR i.owner_kind = 'performer' AND i.owner_id = ANY (seen.performer_ids))
       ) AS image_due,
       s.last_run_at AS source_last_run_at, s.last_verdict AS source_verdict, s.health AS source_health,
       s.health_why AS source_health_why, s.paused_at AS source_paused_at, s.paused_by AS source_paused_by
FROM venue_keys k
LEFT JOIN sources s ON s.slug = k.source
CROSS JOIN LATERAL (
    SELECT max(es.url) AS url, min(es.first_seen_at) AS first_seen_at, max(es.last_seen_at) AS last_seen_at,
           max(es.last_processed_at) AS last_read_at,
           count(*) FILTER (WHERE e.closed_at IS NULL) AS evenings,
           coalesce(max(es.misses) FILTER (WHERE e.closed_at IS NULL), 0) AS misses,
           array_agg(e.performer_id) FILTER (WHERE e.performer_id IS NOT NULL AND e.closed_at IS NULL) AS performer_ids
    FROM event_sources es
    JOIN events e ON e.id = es.event_id
    WHERE es.source = k.source AND es.key = k.key
) AS seen
WHERE k.venue_id = $1
ORDER BY k.source, k.key
