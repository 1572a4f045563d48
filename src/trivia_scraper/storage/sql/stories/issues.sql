-- What waits for a person, of this venue or of a source that shows it, newest first.
-- $1 slug: text
-- $2 sources: text[]
SELECT kind, source, subject, message, at
FROM issues
WHERE resolved_at IS NULL AND (subject = $1 OR source = ANY ($2) AND subject = source)
ORDER BY at DESC
