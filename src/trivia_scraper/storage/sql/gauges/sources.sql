-- How each source fares, and when its index was last read whole.
SELECT slug, CASE WHEN paused_at IS NOT NULL THEN 'paused' ELSE coalesce(health, 'unread') END AS state,
       last_complete_at
FROM sources
