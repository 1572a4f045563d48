-- Listings of the last complete runs of a source, newest first (O17); none from before a release.
-- $1 source: text
SELECT sr.listed
FROM source_runs sr
JOIN sources s ON s.slug = sr.source
WHERE sr.source = $1 AND sr.verdict = 'complete' AND sr.finished_at > coalesce(s.released_at, '-infinity')
ORDER BY sr.finished_at DESC
LIMIT 10
