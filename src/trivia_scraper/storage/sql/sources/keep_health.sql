-- How a source fares by now.
-- $1 source: text
-- $2 health: text
-- $3 why: text
-- $4 since: timestamptz
INSERT INTO sources (slug, health, health_why, health_since) VALUES ($1, $2, $3, $4)
ON CONFLICT (slug) DO UPDATE SET health = $2, health_why = $3, health_since = $4
