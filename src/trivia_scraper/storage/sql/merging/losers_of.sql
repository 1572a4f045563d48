-- Venues that were merged into this one.
-- $1 winner: bigint
SELECT slug FROM venues WHERE merged_into = $1 ORDER BY slug
