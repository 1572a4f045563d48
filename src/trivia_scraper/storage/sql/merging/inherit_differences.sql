-- Whom a person has called different from the loser is different from the winner too (V4).
-- $1 loser: bigint
-- $2 winner: bigint
INSERT INTO venue_pairs (low_id, high_id, score, name_similarity, location_similarity, band, why, state, found_at,
                         decided_at)
SELECT least(p.other, $2), greatest(p.other, $2), p.score, p.name_similarity, p.location_similarity, p.band, p.why,
       p.state, p.found_at, p.decided_at
FROM (SELECT venue_pairs.*, CASE WHEN low_id = $1 THEN high_id ELSE low_id END AS other
      FROM venue_pairs WHERE $1 IN (low_id, high_id)) p
WHERE p.state = 'different' AND p.other <> $2
ON CONFLICT (low_id, high_id) DO UPDATE
SET state = excluded.state, decided_at = excluded.decided_at
WHERE venue_pairs.state = 'open'
