-- A venue is not known to a provider by this id after all.
-- $1 venue: bigint
-- $2 provider: text
-- $3 id: text
DELETE FROM venue_provider_ids WHERE venue_id = $1 AND provider = $2 AND id = $3
