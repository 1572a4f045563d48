-- $1 key: bigint
SELECT activity.application_name
FROM pg_locks AS held
JOIN pg_stat_activity AS activity USING (pid)
WHERE held.locktype = 'advisory'
    AND held.granted
    AND held.database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND held.classid::bigint = ($1::bigint >> 32) & 4294967295
    AND held.objid::bigint = $1::bigint & 4294967295
    AND held.objsubid = 1
LIMIT 1
