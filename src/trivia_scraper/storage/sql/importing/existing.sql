-- Rows that have these pictures already: by identity, tombstones too; by another name of a photo; by the slot of a hero
-- or profile. `place` counts the pictures from 1.
-- $1 owner_kinds: text[]
-- $2 owners: bigint[]
-- $3 roles: text[]
-- $4 providers: text[]
-- $5 identities: text[]
WITH asked AS (
    SELECT *
    FROM unnest($1::text[], $2::bigint[], $3::text[], $4::text[], $5::text[]) WITH ORDINALITY
        AS a (owner_kind, owner_id, role, provider, identity, place)
),
found AS (
    SELECT a.place, i.id
    FROM asked a
    JOIN images i USING (owner_kind, owner_id, identity)
    WHERE a.role = 'gallery' AND i.role = 'gallery'
    UNION
    SELECT a.place, i.id
    FROM asked a
    JOIN images i USING (owner_kind, owner_id, role, provider)
    WHERE i.role <> 'gallery' AND i.deleted_at IS NULL
    UNION
    SELECT a.place, i.id
    FROM asked a
    JOIN images i USING (owner_kind, owner_id, role, identity)
    WHERE i.role <> 'gallery' AND i.deleted_at IS NOT NULL
    UNION
    SELECT a.place, r.image_id
    FROM asked a
    JOIN image_references r USING (owner_kind, owner_id, role, identity)
)
SELECT f.place, i.id, i.status, i.quality_score, i.fetched_at,
       i.deleted_at IS NULL AND i.imported_at IS NOT DISTINCT FROM i.updated_at AS is_import
FROM found f
JOIN images i USING (id)
ORDER BY f.place, i.id
