-- Transient failures that nobody retried within 24 h although nothing forbade it: a Retry-After or an open breaker
-- moves next_retry_at (R188). An imported failure may say neither when it failed nor when it is due.
-- $1 now: timestamptz
-- $2 transient_types: text[]
-- $3 permanent_types: text[]
SELECT count(*)
FROM images i
JOIN image_owners o ON o.kind = i.owner_kind AND o.id = i.owner_id AND o.counts
WHERE i.status = 'failed' AND i.deleted_at IS NULL
  AND failure_class(i.status, i.retry_count, i.error_type, $2, $3) = 'transient'
  AND coalesce(i.next_retry_at, i.error_at, i.created_at) <= $1::timestamptz - interval '24 hours'
