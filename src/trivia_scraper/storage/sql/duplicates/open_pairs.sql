-- Pairs that wait for a person, both of them still venues of their own.
SELECT p.low_id, p.high_id
FROM venue_pairs p
JOIN venues low ON low.id = p.low_id AND low.saved_at IS NOT NULL AND low.merged_into IS NULL
JOIN venues high ON high.id = p.high_id AND high.saved_at IS NOT NULL AND high.merged_into IS NULL
WHERE p.state = 'open'
