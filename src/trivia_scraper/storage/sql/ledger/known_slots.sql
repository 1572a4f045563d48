-- The images of these slots (hero and profile; a gallery is no slot).
-- $1 owner_kinds: text[]
-- $2 owners: bigint[]
-- $3 providers: text[]
-- $4 roles: text[]
SELECT i.owner_kind, i.owner_id, i.provider, i.role, i.id, i.status, i.provider_url, i.identity, i.storage_key,
       i.thumb_key, i.sha256, i.source_sha256, i.bytes, i.etag, i.last_modified, i.fetched_at, i.verified_at,
       i.refresh_failed_at, i.retry_count, i.next_retry_at, i.last_run_id, i.listing_key, i.version
FROM unnest($1::text[], $2::bigint[], $3::text[], $4::text[]) AS asked (owner_kind, owner_id, provider, role)
JOIN images i USING (owner_kind, owner_id, provider, role)
WHERE i.role <> 'gallery' AND i.deleted_at IS NULL
