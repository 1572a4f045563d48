-- Pairs for a person: open ones first, the surest first.
-- $1 decided_ones_too: boolean
SELECT p.score, p.name_similarity, p.location_similarity, p.band, p.why, p.state, p.found_at, p.decided_at,
       low.slug AS low_slug, low.name AS low_name, low.address AS low_address, low.postcode AS low_postcode,
       low.city AS low_city, high.slug AS high_slug, high.name AS high_name, high.address AS high_address,
       high.postcode AS high_postcode, high.city AS high_city,
       ARRAY(SELECT DISTINCT k.source FROM venue_keys k WHERE k.venue_id = low.id ORDER BY 1) AS low_sources,
       ARRAY(SELECT DISTINCT k.source FROM venue_keys k WHERE k.venue_id = high.id ORDER BY 1) AS high_sources
FROM venue_pairs p
JOIN venues low ON low.id = p.low_id AND low.saved_at IS NOT NULL
JOIN venues high ON high.id = p.high_id AND high.saved_at IS NOT NULL
WHERE $1 OR p.state = 'open' AND low.merged_into IS NULL AND high.merged_into IS NULL
ORDER BY p.state <> 'open', p.score DESC, low.slug, high.slug
