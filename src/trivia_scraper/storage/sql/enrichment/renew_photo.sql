-- A stored photo was listed again: its address and credit as they are now, under whichever of its names.
-- $1 image: bigint
-- $2 identity: text
-- $3 url: text
-- $4 attribution: text
-- $5 attribution_url: text
-- $6 listed_at: timestamptz
WITH reference AS (
    UPDATE image_references
    SET provider_url = $3, attribution = $4, attribution_url = $5, last_seen_at = $6
    WHERE image_id = $1 AND identity = $2
)
UPDATE images
SET provider_url = $3, attribution = $4, attribution_url = $5, fetched_at = $6
WHERE id = $1 AND identity = $2 AND deleted_at IS NULL
