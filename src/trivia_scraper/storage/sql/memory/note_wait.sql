-- A provider asked for a wait. Those too old to count for the median go.
-- $1 provider: text
-- $2 now: timestamptz
-- $3 seconds: double precision
-- $4 forgotten_before: timestamptz
WITH forgotten AS (
    DELETE FROM provider_waits WHERE provider = $1 AND at < $4
)
INSERT INTO provider_waits (provider, at, seconds) VALUES ($1, $2, $3)
