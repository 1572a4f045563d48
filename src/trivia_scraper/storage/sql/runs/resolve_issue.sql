-- What a person should have looked at is over.
-- $1 kind: text
-- $2 source: text
-- $3 subject: text
-- $4 now: timestamptz
UPDATE issues SET resolved_at = $4
WHERE kind = $1 AND coalesce(source, '') = coalesce($2, '') AND subject = $3 AND resolved_at IS NULL
