-- A person looked: the size of this source's index is judged anew from its next run on.
-- $1 source: text
-- $2 now: timestamptz
UPDATE sources SET released_at = $2 WHERE slug = $1
