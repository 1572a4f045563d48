-- One line: images given up (of the index of failures), breakers, intents, and what the last comparison of files with
-- rows found. A breaker that nothing failed at lately is no line worth counting.
-- $1 now: timestamptz
SELECT (SELECT count(*)
        FROM images
        WHERE status IN ('failed', 'permanently_failed') AND status = 'permanently_failed' AND deleted_at IS NULL
       ) AS dead_images,
       (SELECT count(*) FROM file_intents) AS file_intents,
       b.open, b.half_open, b.closed, c.orphan_files, c.missing_files
FROM (
    SELECT count(*) FILTER (WHERE open_until > $1) AS open,
           count(*) FILTER (WHERE opened_at IS NOT NULL AND open_until <= $1) AS half_open,
           count(*) FILTER (WHERE opened_at IS NULL AND failures_in_row > 0) AS closed
    FROM breakers
) AS b
LEFT JOIN LATERAL (
    SELECT (report #>> '{files,quarantined}')::integer AS orphan_files,
           (report #>> '{files,requeued}')::integer AS missing_files
    FROM cleanup_runs
    WHERE jsonb_typeof(report -> 'files') = 'object'
    ORDER BY id DESC
    LIMIT 1
) AS c ON true
