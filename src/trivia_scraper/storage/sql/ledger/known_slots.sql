-- The images of these slots (hero and profile; a gallery is no slot): the living row, else the tombstone made last, so
-- that no listing brings back what a person deleted (images.md 3).
-- $1 owner_kinds: text[]
-- $2 owners: bigint[]
-- $3 providers: text[]
-- $4 roles: text[]
SELECT i.owner_kind, i.owner_id, i.provider, i.role, i.id, i.status, i.provider_url, i.identity, i.storage_key,
       i.thumb_key, i.sha256, i.source_sha256, i.bytes, i.etag, i.last_modified, i.fetched_at, i.verified_at,
       i.refresh_failed_at, i.retry_count, i.next_retry_at, i.last_run_id, i.listing_key, i.version,
       i.width, i.height, i.is_blank, i.deleted_at IS NOT NULL AS is_deleted
FROM unnest($1::text[], $2::bigint[], $3::text[], $4::text[]) AS asked (owner_kind, owner_id, provider, role)
CROSS JOIN LATERAL (
    SELECT living.*
    FROM images living
    WHERE living.owner_kind = asked.owner_kind AND living.owner_id = asked.owner_id
      AND living.provider = asked.provider AND living.role = asked.role
      AND living.role <> 'gallery' AND living.deleted_at IS NULL
    UNION ALL
    SELECT buried.*
    FROM images buried
    WHERE buried.owner_kind = asked.owner_kind AND buried.owner_id = asked.owner_id
      AND buried.provider = asked.provider AND buried.role = asked.role
      AND buried.role <> 'gallery' AND buried.deleted_at IS NOT NULL AND buried.duplicate_of IS NULL
    ORDER BY deleted_at DESC NULLS FIRST
    LIMIT 1
) AS i
