-- What waits for a person, newest first.
-- $1 limit: bigint
SELECT kind, source, subject, message, at FROM issues WHERE resolved_at IS NULL ORDER BY at DESC, id DESC LIMIT $1
