-- A photo takes a newer name: the provider's new id for it, or that of the provider whose bytes it has now.
-- $1 id: bigint
-- $2 identity: text
-- $3 provider: text
-- $4 photo_id: text
-- $5 url: text
-- $6 attribution: text
-- $7 attribution_url: text
-- $8 now: timestamptz
WITH dropped AS (
    DELETE FROM image_references r
    USING images i
    WHERE i.id = $1 AND r.owner_kind = i.owner_kind AND r.owner_id = i.owner_id AND r.role = i.role AND r.identity = $2
)
UPDATE images
SET identity = $2, provider = $3, provider_photo_id = $4, provider_url = $5, attribution = $6, attribution_url = $7,
    updated_at = $8, version = version + 1
WHERE id = $1
