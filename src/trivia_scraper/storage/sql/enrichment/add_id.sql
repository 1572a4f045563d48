-- A venue is known to a provider by this id, says a person.
-- $1 venue: bigint
-- $2 provider: text
-- $3 id: text
-- $4 now: timestamptz
INSERT INTO venue_provider_ids (venue_id, provider, id, added_at)
VALUES ($1, $2, $3, $4)
ON CONFLICT DO NOTHING
