-- Two venues look alike; what a person has decided about them stays decided (V4).
-- $1 one: bigint
-- $2 other: bigint
-- $3 score: double precision
-- $4 name_similarity: double precision
-- $5 location_similarity: double precision
-- $6 band: text
-- $7 why: text
-- $8 now: timestamptz
INSERT INTO venue_pairs (low_id, high_id, score, name_similarity, location_similarity, band, why, found_at)
VALUES (least($1::bigint, $2::bigint), greatest($1::bigint, $2::bigint), $3, $4, $5, $6, $7, $8)
ON CONFLICT (low_id, high_id) DO UPDATE
SET score = excluded.score, name_similarity = excluded.name_similarity,
    location_similarity = excluded.location_similarity, band = excluded.band, why = excluded.why
WHERE venue_pairs.state = 'open'
  AND (venue_pairs.score, venue_pairs.band, venue_pairs.why) IS DISTINCT FROM
      (excluded.score, excluded.band, excluded.why)
