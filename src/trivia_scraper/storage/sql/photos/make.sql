-- A row for a photo nobody knew. What came of it is written right after, in the same transaction. No row where the
-- venue has become part of another meanwhile: there nobody would find it.
-- $1 owner_kind: text
-- $2 owner: bigint
-- $3 role: text
-- $4 provider: text
-- $5 photo_id: text
-- $6 identity: text
-- $7 url: text
-- $8 status: text
-- $9 width: integer
-- $10 height: integer
-- $11 score: double precision
-- $12 scoring_version: text
-- $13 attribution: text
-- $14 attribution_url: text
-- $15 fetched_at: timestamptz
-- $16 run: uuid
-- $17 now: timestamptz
INSERT INTO images (owner_kind, owner_id, role, provider, provider_photo_id, identity, provider_url, status, width,
                    height, quality_score, scoring_version, attribution, attribution_url, fetched_at, last_run_id,
                    created_at, updated_at)
SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $17
WHERE NOT EXISTS (SELECT FROM venues v WHERE $1 = 'venue' AND v.id = $2 AND v.merged_into IS NOT NULL)
RETURNING id
