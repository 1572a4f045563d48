-- Whether the venue of a listing has a position that did not come from a look-up.
-- $1 source: text
-- $2 key: text
SELECT EXISTS (
    SELECT
    FROM venue_keys k
    JOIN venues v ON v.id = k.venue_id
    WHERE k.source = $1 AND k.key = $2 AND v.latitude IS NOT NULL
      AND NOT EXISTS (SELECT FROM place_lookups l WHERE l.latitude = v.latitude AND l.longitude = v.longitude)
)
