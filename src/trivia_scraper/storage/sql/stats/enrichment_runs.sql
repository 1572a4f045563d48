-- Enrichments of venues, newest first, with how each venue stands now (R203, R204). They outlive the runs and requests
-- that caused them (R206).
-- $1 scope: text
-- $2 provider: text
-- $3 error_type: text
-- $4 status: text
-- $5 city: text
-- $6 venue: text
-- $7 since: timestamptz
-- $8 transient_types: text[]
-- $9 permanent_types: text[]
-- $10 limit: bigint
WITH bulk AS (
    SELECT run_id FROM enrichment_runs GROUP BY run_id HAVING min(venue_id) <> max(venue_id)
),
chosen AS (
    SELECT r.*, v.slug, v.name, v.city, r.run_id IN (SELECT run_id FROM bulk) AS is_bulk
    FROM enrichment_runs r
    JOIN venues v ON v.id = r.venue_id
    WHERE ($2::text IS NULL OR r.providers ? $2)
      AND ($3::text IS NULL OR r.failure_breakdown ? $3)
      AND ($4::text IS NULL OR r.status = $4)
      AND ($5::text IS NULL OR lower(v.city) = lower($5))
      AND ($6::text IS NULL OR v.slug = $6)
      AND ($7::timestamptz IS NULL OR r.started_at >= $7)
      AND CASE $1
              WHEN 'partial' THEN r.uploaded > 0 AND r.failed > 0
              WHEN 'failed' THEN r.status = 'error'
              WHEN 'bulk' THEN r.run_id IN (SELECT run_id FROM bulk)
              WHEN 'single' THEN r.run_id NOT IN (SELECT run_id FROM bulk)
              ELSE true
          END
    ORDER BY r.started_at DESC, r.id DESC
    LIMIT $10
)
SELECT c.id, c.run_id, c.venue_id, c.slug AS venue, c.name, c.city, c.mode, c.status, c.is_bulk, c.context, c.discovered,
       c.uploaded, c.failed, c.failure_breakdown, c.failed_image_ids, c.providers, c.cost::double precision AS cost,
       c.summary, c.started_at, c.duration_ms, now_is.uploaded_now, now_is.failed_now, now_is.retryable_now,
       ARRAY(
           SELECT i.thumb_key
           FROM images i
           WHERE i.owner_kind = 'venue' AND i.owner_id = c.venue_id AND i.deleted_at IS NULL
             AND i.thumb_key IS NOT NULL
           ORDER BY i.position NULLS LAST, i.id
           LIMIT 8
       ) AS thumbnails
FROM chosen c
CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE i.status = 'uploaded') AS uploaded_now,
           count(*) FILTER (WHERE i.status IN ('failed', 'permanently_failed')) AS failed_now,
           count(*) FILTER (
               WHERE failure_class(i.status, i.retry_count, i.error_type, $8, $9) = 'transient') AS retryable_now
    FROM images i
    WHERE i.owner_kind = 'venue' AND i.owner_id = c.venue_id AND i.deleted_at IS NULL
) AS now_is
ORDER BY c.started_at DESC, c.id DESC
