-- A person stops a source for a while; one that is paused already keeps its time.
-- $1 source: text
-- $2 by: text
-- $3 why: text
-- $4 now: timestamptz
INSERT INTO sources (slug, paused_at, paused_by, paused_why) VALUES ($1, $4, $2, $3)
ON CONFLICT (slug) DO UPDATE SET paused_at = coalesce(sources.paused_at, $4), paused_by = $2, paused_why = $3
