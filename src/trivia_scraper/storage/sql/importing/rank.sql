-- Positions 1..n of these venues' galleries, as photos/rank gives them to one.
-- $1 venues: bigint[]
WITH ranked AS (
    SELECT id,
           row_number() OVER (
               PARTITION BY owner_id
               ORDER BY CASE status WHEN 'uploaded' THEN 0 WHEN 'skipped' THEN 1 WHEN 'external' THEN 1
                                    WHEN 'failed' THEN 2 ELSE 3 END,
                        quality_score DESC NULLS LAST, position NULLS LAST, id) AS place
    FROM images
    WHERE owner_kind = 'venue' AND owner_id = ANY ($1) AND role = 'gallery' AND deleted_at IS NULL
)
UPDATE images i
SET position = ranked.place
FROM ranked
WHERE i.id = ranked.id AND i.position IS DISTINCT FROM ranked.place
