-- The merge that made this venue part of another, not undone yet.
-- $1 loser: bigint
SELECT id, winner_id, at, moved FROM venue_merges WHERE loser_id = $1 AND undone_at IS NULL FOR UPDATE
