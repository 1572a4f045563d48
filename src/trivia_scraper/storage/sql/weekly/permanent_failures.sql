-- Images that are closed: all, those closed in the week, and in the week before it.
-- $1 since: timestamptz
-- $2 until: timestamptz
SELECT count(*) AS total,
       count(*) FILTER (WHERE i.finalized_at >= $1 AND i.finalized_at < $2) AS new,
       count(*) FILTER (WHERE i.finalized_at >= $1 - ($2::timestamptz - $1::timestamptz) AND i.finalized_at < $1) AS new_before
FROM images i
JOIN image_owners o ON o.kind = i.owner_kind AND o.id = i.owner_id AND o.counts
WHERE i.status = 'permanently_failed' AND i.deleted_at IS NULL
