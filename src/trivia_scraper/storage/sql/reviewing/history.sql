-- What people did to images, newest first.
-- $1 batch: uuid
-- $2 image: bigint
-- $3 limit: bigint
SELECT a.batch, a.at, a.who, a.action, a.image_id, coalesce(v.slug, p.slug) AS owner, a.chosen, a.before, a.after
FROM review_actions a
JOIN images i ON i.id = a.image_id
LEFT JOIN venues v ON i.owner_kind = 'venue' AND v.id = i.owner_id
LEFT JOIN performers p ON i.owner_kind = 'performer' AND p.id = i.owner_id
WHERE ($1::uuid IS NULL OR a.batch = $1) AND ($2::bigint IS NULL OR a.image_id = $2)
ORDER BY a.at DESC, a.id DESC
LIMIT $3
