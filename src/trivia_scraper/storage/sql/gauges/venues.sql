-- Saved venues that are no part of another one, by each source that knows them.
SELECT k.source, count(DISTINCT k.venue_id) AS venues
FROM venue_keys k
JOIN venues v ON v.id = k.venue_id AND v.saved_at IS NOT NULL AND v.merged_into IS NULL
GROUP BY k.source
