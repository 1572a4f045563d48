-- The last cleanup that came to its end, and what it did.
SELECT finished_at, report FROM cleanup_runs WHERE finished_at IS NOT NULL ORDER BY finished_at DESC LIMIT 1
