-- Of these hosts, those that nobody asks at present, and until when.
-- $1 hosts: text[]
-- $2 now: timestamptz
SELECT host, open_until FROM breakers WHERE host = ANY ($1) AND open_until > $2
