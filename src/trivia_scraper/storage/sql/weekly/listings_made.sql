-- Listings that were made, and what the providers were paid for them.
-- $1 since: timestamptz
-- $2 until: timestamptz
SELECT count(*) AS listings, coalesce(sum(cost), 0)::double precision AS cost
FROM provider_requests
WHERE kind = 'listing' AND at >= $1 AND at < $2
