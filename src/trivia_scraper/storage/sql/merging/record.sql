-- What a merge moved and changed.
-- $1 winner: bigint
-- $2 loser: bigint
-- $3 now: timestamptz
-- $4 moved: jsonb
INSERT INTO venue_merges (winner_id, loser_id, at, moved) VALUES ($1, $2, $3, $4)
