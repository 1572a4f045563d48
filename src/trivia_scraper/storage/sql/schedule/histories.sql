-- Each job's last slot that was begun, up to where its slots are done, and how long it usually takes. A slot that lies
-- ahead was taken by a clock that went wrong.
-- $1 now: timestamptz
SELECT names.name,
       last.due_at,
       last.started_at,
       last.finished_at,
       last.ok,
       last.attempts,
       (SELECT max(s.due_at)
        FROM scheduled_runs s
        WHERE s.name = names.name
          AND s.due_at <= $1
          AND (s.finished_at IS NOT NULL
               OR s.skipped IS NOT NULL
               OR EXISTS (SELECT
                          FROM scheduled_runs whole
                          WHERE whole.name = s.name
                            AND whole.due_at = s.merged_into
                            AND whole.finished_at IS NOT NULL))) AS done_until,
       (SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM good.finished_at - good.started_at))
        FROM (SELECT s.started_at, s.finished_at
              FROM scheduled_runs s
              WHERE s.name = names.name AND s.due_at <= $1 AND s.ok
              ORDER BY s.due_at DESC
              LIMIT 10) good) AS usual_seconds
FROM (SELECT DISTINCT name FROM scheduled_runs) names
LEFT JOIN LATERAL (
    SELECT s.due_at, s.started_at, s.finished_at, s.ok, s.attempts
    FROM scheduled_runs s
    WHERE s.name = names.name AND s.due_at <= $1 AND s.merged_into IS NULL AND s.skipped IS NULL
    ORDER BY s.due_at DESC
    LIMIT 1
) last ON true
ORDER BY names.name
