-- What is known of a host's breaker.
-- $1 host: text
SELECT failures_in_row, pause_seconds, opened_at, open_until FROM breakers WHERE host = $1
