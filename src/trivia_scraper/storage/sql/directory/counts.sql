-- How much there is.
SELECT (SELECT count(*) FROM venues WHERE saved_at IS NOT NULL AND merged_into IS NULL) AS venues,
       (SELECT count(*) FROM events WHERE closed_at IS NULL) AS running_events,
       (SELECT count(*) FROM performers WHERE saved_at IS NOT NULL) AS performers,
       (SELECT count(*) FROM images WHERE status = 'uploaded' AND deleted_at IS NULL) AS images,
       (SELECT count(*) FROM images WHERE status IN ('failed', 'permanently_failed') AND deleted_at IS NULL)
           AS failed_images,
       (SELECT count(*) FROM file_intents) AS file_intents,
       (SELECT count(*) FROM issues WHERE resolved_at IS NULL) AS open_issues,
       (SELECT count(*)
        FROM venue_pairs p
        JOIN venues low ON low.id = p.low_id AND low.saved_at IS NOT NULL AND low.merged_into IS NULL
        JOIN venues high ON high.id = p.high_id AND high.saved_at IS NOT NULL AND high.merged_into IS NULL
        WHERE p.state = 'open') AS open_pairs,
       (SELECT max(started_at) FROM runs) AS last_run_at
