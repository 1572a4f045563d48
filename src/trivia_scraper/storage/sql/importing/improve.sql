-- Rows of an import that better records of the same pictures replace, unless somebody has written them since.
-- $1 rows: jsonb
UPDATE images i
SET provider = n.provider, provider_photo_id = n.provider_photo_id, identity = n.identity,
    provider_url = n.provider_url, status = n.status, width = n.width, height = n.height,
    quality_score = n.quality_score, scoring_version = n.scoring_version, attribution = n.attribution,
    attribution_url = n.attribution_url, fetched_at = n.fetched_at, retry_count = n.retry_count,
    failure_streak = n.failure_streak, retried_at = n.retried_at, error_type = n.error_type, error = n.error,
    status_code = n.status_code, error_at = n.error_at, retry_attempt = n.retry_attempt,
    finalized_at = n.finalized_at, imported_at = n.imported_at, updated_at = n.imported_at, version = i.version + 1
FROM jsonb_populate_recordset(NULL::images, $1) n
WHERE i.id = n.id AND i.imported_at IS NOT DISTINCT FROM i.updated_at
