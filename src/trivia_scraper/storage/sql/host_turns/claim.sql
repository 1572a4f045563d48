-- The next turn at a host, over all machines: how many seconds until it comes. One clock counts, the server's.
-- $1 host: text
-- $2 interval_seconds: double precision
INSERT INTO host_turns AS turn (host, next_at)
VALUES ($1, clock_timestamp() + make_interval(secs => $2))
ON CONFLICT (host) DO UPDATE
SET next_at = greatest(turn.next_at, clock_timestamp()) + make_interval(secs => $2)
RETURNING (extract(epoch FROM turn.next_at - clock_timestamp()) - $2)::double precision
