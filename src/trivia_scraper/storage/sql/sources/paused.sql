-- Sources that a person stopped for a while.
SELECT slug, paused_at, paused_by, paused_why FROM sources WHERE paused_at IS NOT NULL ORDER BY slug
