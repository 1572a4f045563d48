-- Attempts of the last day by provider, for the alert about failing ones (images.md 12).
-- $1 since: timestamptz
-- $2 until: timestamptz
SELECT i.provider, count(*) AS attempts, count(*) FILTER (WHERE a.error_type IS NOT NULL) AS failures
FROM image_attempts a
JOIN images i ON i.id = a.image_id
WHERE a.at >= $1 AND a.at < $2
GROUP BY i.provider
ORDER BY i.provider
