-- Hosts that are left alone now.
-- $1 now: timestamptz
SELECT host, open_until FROM breakers WHERE open_until > $1 ORDER BY open_until, host
