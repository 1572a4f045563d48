-- What sources are judged by, beside their runs.
-- $1 sources: text[]
SELECT slug, last_run_at, last_complete_at, released_at, paused_at, paused_by, paused_why, health, health_why, health_since
FROM sources
WHERE slug = ANY ($1)
