-- A request to a provider was made. Numbers of dollars have four decimals.
-- $1 provider: text
-- $2 kind: text
-- $3 now: timestamptz
-- $4 images: integer
-- $5 cost: double precision
INSERT INTO provider_requests (provider, kind, at, images, cost)
VALUES ($1, $2, $3, $4, $5::double precision::numeric(12, 4))
