-- Image rows with their owners' slugs.
-- $1 owner_slug: text
-- $2 provider: text
-- $3 status: text
-- $4 role: text
-- $5 id: bigint
-- $6 limit: bigint
SELECT i.id, i.owner_kind, coalesce(v.slug, p.slug) AS owner, i.role, i.provider, i.provider_url, i.status,
       i.storage_key, i.thumb_key, i.sha256, i.source_sha256, i.mime, i.width, i.height, i.bytes, i.fetched_at,
       i.verified_at, i.error_type, i.reason, i.error, i.status_code, i.retry_count, i.retry_attempt,
       i.next_retry_at, i.refresh_failed_at, i.version, i.position, i.attribution, i.attribution_url
FROM images i
LEFT JOIN venues v ON i.owner_kind = 'venue' AND v.id = i.owner_id
LEFT JOIN performers p ON i.owner_kind = 'performer' AND p.id = i.owner_id
WHERE i.deleted_at IS NULL AND v.merged_into IS NULL
  AND ($1::text IS NULL OR v.slug = $1 OR p.slug = $1
       OR EXISTS (SELECT FROM slug_redirects r WHERE r.slug = $1 AND r.venue_id = v.id))
  AND ($2::text IS NULL OR i.provider = $2)
  AND ($3::text IS NULL OR i.status = $3)
  AND ($4::text IS NULL OR i.role = $4)
  AND ($5::bigint IS NULL OR i.id = $5)
ORDER BY owner, i.owner_kind DESC, i.role, i.id
LIMIT $6
