-- The last attempts of each of these images, newest first.
-- $1 images: bigint[]
-- $2 limit: bigint
SELECT told.*
FROM unnest($1::bigint[]) AS asked (image_id)
CROSS JOIN LATERAL (
    SELECT a.image_id, a.run_id, a.kind, a.at, a.duration_ms, a.outcome, a.error_type, a.reason, a.status_code,
           a.attempt, a.bytes
    FROM image_attempts a
    WHERE a.image_id = asked.image_id
    ORDER BY a.at DESC, a.id DESC
    LIMIT $2
) AS told
