-- Complete runs of sources that may be their baseline, newest first (O17), none from before a release: the newest; the
-- newest that read enough pages; and of a source that is degraded the same of the time before, so that what it lost
-- does not become what is usual of it.
-- $1 sources: text[]
-- $2 limit: bigint
-- $3 least_pages: integer
SELECT r.*
FROM sources s
CROSS JOIN LATERAL (
    (SELECT source, finished_at, verdict, listed, read_pages, coverage
     FROM source_runs
     WHERE source = s.slug AND verdict = 'complete' AND finished_at > coalesce(s.released_at, '-infinity')
     ORDER BY finished_at DESC
     LIMIT $2)
    UNION
    (SELECT source, finished_at, verdict, listed, read_pages, coverage
     FROM source_runs
     WHERE source = s.slug AND verdict = 'complete' AND finished_at > coalesce(s.released_at, '-infinity')
       AND read_pages >= $3
     ORDER BY finished_at DESC
     LIMIT $2)
    UNION
    (SELECT source, finished_at, verdict, listed, read_pages, coverage
     FROM source_runs
     WHERE source = s.slug AND verdict = 'complete' AND finished_at > coalesce(s.released_at, '-infinity')
       AND read_pages >= $3 AND s.health = 'degraded' AND finished_at < s.health_since
     ORDER BY finished_at DESC
     LIMIT $2)
) AS r
WHERE s.slug = ANY ($1)
ORDER BY r.finished_at DESC
