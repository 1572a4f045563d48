-- Numbers that count although no session says that their process is alive.
SELECT epoch
FROM store_epochs
WHERE fenced_at IS NULL
    AND NOT EXISTS (
        SELECT FROM pg_locks AS held
        WHERE held.locktype = 'advisory'
            AND held.granted
            AND held.database = (SELECT oid FROM pg_database WHERE datname = current_database())
            AND held.classid::bigint = 1953655159
            AND held.objid::bigint = (epoch & 2147483647)
            AND held.objsubid = 2
    )
ORDER BY epoch
