-- The owners whose pictures belong to these venues: the venues, and the hosts of their running evenings. A retired slug
-- leads to its venue.
-- $1 slugs: text[]
WITH chosen AS (
    SELECT DISTINCT ON (v.id) v.id, asked.place
    FROM unnest($1::text[]) WITH ORDINALITY AS asked (slug, place)
    LEFT JOIN slug_redirects r ON r.slug = asked.slug
    JOIN venues v ON v.slug = asked.slug OR v.id = r.venue_id
    WHERE v.saved_at IS NOT NULL
    ORDER BY v.id, asked.place
),
owners AS (
    SELECT 'venue' AS kind, id, place FROM chosen
    UNION ALL
    SELECT 'performer', e.performer_id, min(c.place)
    FROM chosen c
    JOIN events e ON e.venue_id = c.id AND e.closed_at IS NULL AND e.performer_id IS NOT NULL
    GROUP BY e.performer_id
)
SELECT kind, id FROM owners ORDER BY place, kind DESC, id
