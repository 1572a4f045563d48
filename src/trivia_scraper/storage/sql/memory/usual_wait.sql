-- The median of the waits that a provider asked for since then; no row counted gives NULL.
-- $1 provider: text
-- $2 since: timestamptz
SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds) FROM provider_waits WHERE provider = $1 AND at >= $2
