-- How long enrichments took for ten images, and how long the usual (median) recovery of a venue took, in seconds.
-- $1 since: timestamptz
-- $2 until: timestamptz
SELECT (SELECT 0.01 * sum(duration_ms) / nullif(sum(uploaded + failed), 0)
        FROM enrichment_runs
        WHERE mode <> 'retry_only' AND uploaded + failed > 0 AND started_at >= $1 AND started_at < $2
       )::double precision AS ten_images_seconds,
       (SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM finished_at - started_at))
        FROM recovery_requests
        WHERE outcome IS NOT NULL AND started_at >= $1 AND finished_at < $2
       ) AS recovery_seconds
