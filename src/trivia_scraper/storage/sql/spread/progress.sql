-- How far each source of a run is: visits planned and done, failures, pictures, bytes.
-- $1 run: uuid
SELECT s.source, s.concluded_at IS NOT NULL AS is_finished,
       count(v.key) AS planned,
       count(v.done_at) AS done,
       coalesce(sum((v.report ->> 'failed')::integer), 0)::bigint AS failed,
       coalesce(sum((v.report ->> 'bytes_received')::bigint), 0)::bigint AS bytes_received,
       coalesce(sum((SELECT sum(n::integer) FROM jsonb_each_text(v.report -> 'images') AS each (outcome, n))), 0)::bigint
           AS images,
       coalesce(
           sum((SELECT sum(n::integer) FROM jsonb_each_text(v.report -> 'images') AS each (outcome, n)
                WHERE outcome IN ('failed', 'rejected'))), 0)::bigint AS images_failed
FROM spread_sources s
LEFT JOIN spread_visits v ON v.run_id = s.run_id AND v.source = s.source
WHERE s.run_id = $1
GROUP BY s.source, s.concluded_at
