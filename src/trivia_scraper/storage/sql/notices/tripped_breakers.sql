-- Hosts whose breaker failures opened, and no success has closed since.
SELECT host, failures_in_row, pause_seconds, opened_at, open_until
FROM breakers
WHERE opened_at IS NOT NULL
ORDER BY host
