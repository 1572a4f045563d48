-- A performer of one source by name (H1).
-- $1 source: text
-- $2 name_key: text
SELECT id, slug, saved_at FROM performers WHERE source = $1 AND name_key = $2
