-- Images that a person asked to see, those that failed last first. Of tombstones a batch means those that it made.
-- $1 ids: bigint[]
-- $2 owner: text
-- $3 provider: text
-- $4 error_type: text
-- $5 host: text
-- $6 failed_before: timestamptz
-- $7 batch: uuid
-- $8 deleted: boolean
-- $9 statuses: text[]
-- $10 classes: text[]
-- $11 transient_types: text[]
-- $12 permanent_types: text[]
-- $13 limit: bigint
SELECT i.id, i.owner_kind, coalesce(v.slug, p.slug) AS owner, i.owner_id, i.role, i.provider,
       url_host(i.provider_url) AS host, i.provider_url, i.status,
       failure_class(i.status, i.retry_count, i.error_type, $11, $12) AS failure_class, i.error_type, i.reason, i.error,
       i.status_code, i.error_at, i.retry_count, i.failure_streak, i.next_retry_at, i.finalized_at, i.storage_key,
       i.thumb_key, i.sha256, i.deleted_at, i.deleted_why, i.duplicate_of,
       i.deleted_at IS NOT NULL AND i.role <> 'gallery' AND EXISTS (
           SELECT FROM images other
           WHERE (other.owner_kind, other.owner_id, other.provider, other.role)
                 = (i.owner_kind, i.owner_id, i.provider, i.role)
             AND other.role <> 'gallery' AND other.deleted_at IS NULL
       ) AS slot_is_taken,
       i.version
FROM images i
LEFT JOIN venues v ON i.owner_kind = 'venue' AND v.id = i.owner_id
LEFT JOIN performers p ON i.owner_kind = 'performer' AND p.id = i.owner_id
WHERE ($1::bigint[] = '{}' OR i.id = ANY ($1))
  AND ($2::text IS NULL OR v.slug = $2 OR p.slug = $2)
  AND ($3::text IS NULL OR i.provider = $3)
  AND ($4::text IS NULL OR i.error_type = $4)
  AND ($5::text IS NULL OR url_host(i.provider_url) = lower($5))
  AND ($6::timestamptz IS NULL OR i.error_at < $6)
  AND ($7::uuid IS NULL OR i.id IN (
      SELECT image_id FROM review_actions WHERE batch = $7 AND (NOT $8 OR action IN ('delete', 'clear'))))
  AND ($1 <> '{}' OR (i.deleted_at IS NOT NULL) = $8)
  AND ($9::text[] = '{}' OR i.status = ANY ($9))
  AND ($10::text[] = '{}' OR failure_class(i.status, i.retry_count, i.error_type, $11, $12) = ANY ($10))
  AND v.merged_into IS NULL
ORDER BY i.error_at DESC NULLS LAST, i.id
LIMIT $13
