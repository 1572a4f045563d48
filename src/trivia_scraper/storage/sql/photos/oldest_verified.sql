-- Stored images of these providers that were asked for last before this, longest ago first. A failed refresh is a
-- question too: who answers nothing does not stand in the way of the others. What nobody may ask now is left out.
-- $1 before: timestamptz
-- $2 providers: text[]
-- $3 limit: bigint
-- $4 now: timestamptz
SELECT p.*
FROM (
    SELECT i.id, greatest(i.verified_at, i.refresh_failed_at) AS asked_at
    FROM images i
    WHERE i.storage_key IS NOT NULL AND i.deleted_at IS NULL AND i.provider_url <> ''
      AND greatest(i.verified_at, i.refresh_failed_at) < $1
      AND i.provider = ANY ($2)
      AND NOT EXISTS (SELECT FROM sources s WHERE s.slug = i.provider AND s.paused_at IS NOT NULL)
      AND NOT EXISTS (SELECT FROM breakers b WHERE b.host = url_host(i.provider_url) AND b.open_until > $4)
      AND NOT EXISTS (SELECT
                      FROM venues v
                      WHERE i.owner_kind = 'venue' AND v.id = i.owner_id AND v.merged_into IS NOT NULL)
    ORDER BY asked_at, i.id
    LIMIT $3
) oldest
JOIN known_photos p USING (id)
ORDER BY oldest.asked_at, p.id
