-- $1 key: bigint
SELECT EXISTS (
    SELECT FROM pg_locks AS held
    WHERE held.locktype = 'advisory'
        AND held.granted
        AND held.pid = pg_backend_pid()
        AND held.classid::bigint = ($1::bigint >> 32) & 4294967295
        AND held.objid::bigint = $1::bigint & 4294967295
        AND held.objsubid = 1
)
