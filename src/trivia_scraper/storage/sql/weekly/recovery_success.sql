-- Recovery attempts by day (UTC) and provider: made, and succeeded (R230). What a person deleted since counts too.
-- $1 since: timestamptz
-- $2 until: timestamptz
SELECT (a.at AT TIME ZONE 'UTC')::date AS day, i.provider, count(*) AS made,
       count(*) FILTER (WHERE a.error_type IS NULL) AS succeeded
FROM image_attempts a
JOIN images i ON i.id = a.image_id
WHERE a.kind = 'recovery' AND a.at >= $1 AND a.at < $2
GROUP BY day, i.provider
ORDER BY day, i.provider
