-- Attempts of the last day by provider, for the alert about failing ones (images.md 12). A host that was left alone was
-- not asked (attempt 0), and what our own store refused says nothing of a provider (R125).
-- $1 since: timestamptz
-- $2 until: timestamptz
SELECT i.provider, count(*) AS attempts, count(*) FILTER (WHERE a.error_type IS NOT NULL) AS failures
FROM image_attempts a
JOIN images i ON i.id = a.image_id
WHERE a.at >= $1 AND a.at < $2 AND a.attempt > 0 AND a.error_type IS DISTINCT FROM 'storage_error'
GROUP BY i.provider
ORDER BY i.provider
