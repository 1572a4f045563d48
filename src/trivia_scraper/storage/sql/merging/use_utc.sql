-- Rows are recorded as JSON: their times must read the same on the day a merge is undone. Ends with the transaction.
SELECT set_config('TimeZone', 'UTC', true)
