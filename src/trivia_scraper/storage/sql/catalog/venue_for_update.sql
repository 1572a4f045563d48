-- The facts of the venue that a listing belongs to, locked for this transaction. Whoever merges venues or undoes it
-- locks the venue too and then moves the key: no row comes back when that has just happened, and asking again helps.
-- $1 source: text
-- $2 key: text
SELECT v.id, v.slug, v.name, v.name_key, v.address, v.street, v.city, v.region, v.postcode, v.country, v.latitude,
       v.longitude, v.timezone, v.phone, v.website, v.facebook, v.instagram, v.place_id, v.fact_source, v.saved_at,
       -- Of several keys of one source the first that still shows a running evening states the facts: two that
       -- differ would overwrite each other for ever.
       (SELECT f.key
        FROM venue_keys f
        JOIN event_sources s ON s.source = f.source AND s.key = f.key AND s.misses = 0
        JOIN events e ON e.id = s.event_id AND e.venue_id = v.id AND e.closed_at IS NULL
        WHERE f.venue_id = v.id AND f.source = v.fact_source
        ORDER BY f.claimed_at, f.key
        LIMIT 1) AS owner_key,
       EXISTS (
           SELECT FROM event_sources s
           JOIN events e ON e.id = s.event_id AND e.venue_id = v.id AND e.closed_at IS NULL
           WHERE s.source = v.fact_source
       ) AS owner_shows
FROM venue_keys k
JOIN venues v ON v.id = k.venue_id
WHERE k.source = $1 AND k.key = $2
FOR UPDATE OF v
FOR SHARE OF k
