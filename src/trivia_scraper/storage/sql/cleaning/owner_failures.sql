-- One owner's failures, fresh. No row: the owner has gone. One row without image: nothing fails any more.
-- $1 owner_kind: text
-- $2 owner: bigint
SELECT o.slug, i.id, i.status, i.retry_count, i.error_type, i.version
FROM image_owners o
LEFT JOIN images i ON i.owner_kind = o.kind AND i.owner_id = o.id
                  AND i.status IN ('failed', 'permanently_failed') AND i.deleted_at IS NULL
WHERE o.kind = $1 AND o.id = $2 AND o.counts
ORDER BY i.id
