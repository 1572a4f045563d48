-- The newest runs of sources, of any verdict and newest first, and how each ended.
-- $1 sources: text[]
-- $2 limit: bigint
SELECT r.*
FROM unnest($1::text[]) AS asked (source)
CROSS JOIN LATERAL (
    SELECT source, finished_at, verdict, listed, read_pages, coverage, (report->>'visited')::integer AS visited,
           (report->>'failed')::integer AS failed, (report->>'held')::integer AS held, report->>'stopped' AS stopped,
           report->'failure' AS failure
    FROM source_runs
    WHERE source = asked.source
    ORDER BY finished_at DESC
    LIMIT $2
) AS r
ORDER BY r.finished_at DESC
