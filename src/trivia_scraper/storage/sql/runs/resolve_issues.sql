-- A source's open issues about its index are dealt with.
-- $1 source: text
-- $2 now: timestamptz
UPDATE issues SET resolved_at = $2 WHERE source = $1 AND kind IN ('mass_disappearance', 'index', 'source_health') AND resolved_at IS NULL
