-- One more name of a photo; seen again, the stamp moves.
-- $1 owner_kind: text
-- $2 owner: bigint
-- $3 role: text
-- $4 identity: text
-- $5 image: bigint
-- $6 provider: text
-- $7 photo_id: text
-- $8 url: text
-- $9 attribution: text
-- $10 attribution_url: text
-- $11 why: text
-- $12 now: timestamptz
INSERT INTO image_references (owner_kind, owner_id, role, identity, image_id, provider, provider_photo_id, provider_url,
                              attribution, attribution_url, why, first_seen_at, last_seen_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $12)
ON CONFLICT (owner_kind, owner_id, role, identity) DO UPDATE
SET image_id = excluded.image_id, provider_url = excluded.provider_url, last_seen_at = excluded.last_seen_at
