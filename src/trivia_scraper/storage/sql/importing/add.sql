-- New rows, as columns of `images` name their values; one that somebody else has made meanwhile stays as it is.
-- $1 rows: jsonb
INSERT INTO images (owner_kind, owner_id, role, provider, provider_photo_id, identity, provider_url, status, width,
                    height, quality_score, scoring_version, attribution, attribution_url, fetched_at, retry_count,
                    failure_streak, retried_at, error_type, error, status_code, error_at, retry_attempt, finalized_at,
                    imported_at, created_at, updated_at)
SELECT owner_kind, owner_id, role, provider, provider_photo_id, identity, provider_url, status, width, height,
       quality_score, scoring_version, attribution, attribution_url, fetched_at, retry_count, failure_streak,
       retried_at, error_type, error, status_code, error_at, retry_attempt, finalized_at, imported_at, imported_at,
       imported_at
FROM jsonb_populate_recordset(NULL::images, $1)
ON CONFLICT DO NOTHING
RETURNING owner_kind, owner_id, role, provider, identity
