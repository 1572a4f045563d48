-- What is kept of runs: their options, and who wanted them. A recovery or enrichment by hand leaves no row.
-- $1 ids: uuid[]
SELECT asked.id, coalesce(r.options, q.options) AS options,
       CASE
           WHEN q.id IS NOT NULL THEN q.requested_by
           WHEN EXISTS (SELECT FROM scheduled_runs s WHERE s.run_id = asked.id) THEN 'schedule'
           WHEN r.id IS NOT NULL THEN format('process %s on %s', r.pid, r.host)
           ELSE ''
       END AS asked_by
FROM unnest($1::uuid[]) AS asked (id)
LEFT JOIN runs r ON r.id = asked.id
LEFT JOIN run_requests q ON q.id = asked.id
