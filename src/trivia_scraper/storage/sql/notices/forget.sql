-- What is over for so long that nothing depends on it any more.
-- $1 before: timestamptz
DELETE FROM notices WHERE resolved_at < $1
