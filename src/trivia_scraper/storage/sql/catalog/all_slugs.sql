-- Every venue slug that a reader can see.
SELECT slug FROM venues WHERE saved_at IS NOT NULL AND merged_into IS NULL ORDER BY slug
