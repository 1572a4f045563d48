-- Which of these picture slots of a venue another listing fills.
-- $1 venue: bigint
-- $2 providers: text[]
-- $3 roles: text[]
-- $4 listing_keys: text[]
SELECT i.provider, i.role
FROM unnest($2::text[], $3::text[], $4::text[]) AS asked (provider, role, listing_key)
JOIN images i ON i.owner_kind = 'venue' AND i.owner_id = $1 AND i.provider = asked.provider AND i.role = asked.role
WHERE i.role <> 'gallery' AND i.deleted_at IS NULL AND i.listing_key IS DISTINCT FROM asked.listing_key
