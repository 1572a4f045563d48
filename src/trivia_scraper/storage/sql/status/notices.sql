-- Conditions that hold, the gravest and oldest first.
-- $1 limit: bigint
SELECT condition, message, severity, first_seen_at, sent_at
FROM notices
WHERE resolved_at IS NULL
ORDER BY severity = 'critical' DESC, first_seen_at, condition
LIMIT $1
