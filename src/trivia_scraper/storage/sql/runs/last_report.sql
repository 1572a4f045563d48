-- The report of the run that ended last.
SELECT report FROM runs WHERE report IS NOT NULL ORDER BY started_at DESC LIMIT 1
