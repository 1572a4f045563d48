-- The open issues of one kind and source are dealt with.
-- $1 kind: text
-- $2 source: text
-- $3 now: timestamptz
UPDATE issues SET resolved_at = $3 WHERE kind = $1 AND source = $2 AND resolved_at IS NULL
