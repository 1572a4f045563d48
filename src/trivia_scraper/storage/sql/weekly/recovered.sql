-- What recovery did: images retried, images that it stored, and the owners that these belong to (R191).
-- $1 since: timestamptz
-- $2 until: timestamptz
WITH retried AS (
    SELECT a.image_id, i.owner_kind, i.owner_id, bool_or(a.error_type IS NULL) AS is_stored
    FROM image_attempts a
    JOIN images i ON i.id = a.image_id
    WHERE a.kind = 'recovery' AND a.at >= $1 AND a.at < $2
    GROUP BY a.image_id, i.owner_kind, i.owner_id
)
SELECT count(*) AS images_retried,
       count(*) FILTER (WHERE is_stored) AS images_recovered,
       count(DISTINCT owner_id) FILTER (WHERE is_stored AND owner_kind = 'venue') AS venues_recovered,
       count(DISTINCT owner_id) FILTER (WHERE is_stored AND owner_kind = 'performer') AS performers_recovered
FROM retried
