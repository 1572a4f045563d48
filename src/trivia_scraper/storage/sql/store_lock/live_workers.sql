-- How many workers are connected.
SELECT count(*)
FROM store_epochs
WHERE role = 'worker'
    AND fenced_at IS NULL
    AND EXISTS (
        SELECT FROM pg_locks AS held
        WHERE held.locktype = 'advisory'
            AND held.granted
            AND held.database = (SELECT oid FROM pg_database WHERE datname = current_database())
            AND held.classid::bigint = 1953655159
            AND held.objid::bigint = (epoch & 2147483647)
            AND held.objsubid = 2
    )
