-- A slot's first row: without a picture until the same transaction says otherwise.
-- $1 owner_kind: text
-- $2 owner: bigint
-- $3 role: text
-- $4 provider: text
-- $5 provider_photo_id: text
-- $6 identity: text
-- $7 provider_url: text
-- $8 now: timestamptz
INSERT INTO images (owner_kind, owner_id, role, provider, provider_photo_id, identity, provider_url, status,
                    created_at, updated_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, 'failed', $8, $8)
RETURNING id
