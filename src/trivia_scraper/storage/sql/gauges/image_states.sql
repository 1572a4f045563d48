-- Living images by status, from one index.
SELECT status, count(*) AS images FROM images WHERE deleted_at IS NULL GROUP BY status
