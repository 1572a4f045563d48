-- When a provider was asked since then, oldest first.
-- $1 provider: text
-- $2 since: timestamptz
SELECT at FROM provider_requests WHERE provider = $1 AND at >= $2 ORDER BY at
