-- The pictures of a venue and of the hosts of its running evenings, as directory/images shows them.
-- $1 venue: bigint
SELECT i.id, i.owner_kind, coalesce(v.slug, p.slug) AS owner, i.role, i.provider, i.provider_url, i.status,
       i.storage_key, i.thumb_key, i.sha256, i.source_sha256, i.mime, i.width, i.height, i.bytes, i.fetched_at,
       i.verified_at, i.error_type, i.reason, i.error, i.status_code, i.retry_count, i.retry_attempt,
       i.next_retry_at, i.refresh_failed_at, i.version, i.position, i.attribution, i.attribution_url
FROM images i
LEFT JOIN venues v ON i.owner_kind = 'venue' AND v.id = i.owner_id
LEFT JOIN performers p ON i.owner_kind = 'performer' AND p.id = i.owner_id
WHERE i.deleted_at IS NULL
  AND (i.owner_kind = 'venue' AND i.owner_id = $1
       OR i.owner_kind = 'performer' AND i.owner_id IN (
           SELECT e.performer_id FROM events e WHERE e.venue_id = $1 AND e.closed_at IS NULL))
ORDER BY i.owner_kind DESC, owner, i.role = 'gallery', i.position NULLS LAST, i.id
