-- Keep what is known of a host's breaker.
-- $1 host: text
-- $2 failures_in_row: integer
-- $3 pause_seconds: double precision
-- $4 opened_at: timestamptz
-- $5 open_until: timestamptz
-- $6 now: timestamptz
INSERT INTO breakers (host, failures_in_row, pause_seconds, opened_at, open_until, updated_at)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (host) DO UPDATE
SET failures_in_row = excluded.failures_in_row, pause_seconds = excluded.pause_seconds,
    opened_at = excluded.opened_at, open_until = excluded.open_until, updated_at = excluded.updated_at
