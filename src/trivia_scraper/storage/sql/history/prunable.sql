-- How much is older than it is kept for.
-- $1 attempts_before: timestamptz
-- $2 runs_before: timestamptz
-- $3 requests_before: timestamptz
SELECT (SELECT count(*) FROM image_attempts WHERE at < $1) AS attempts,
       (SELECT count(*) FROM venue_visits WHERE at < $1) AS visits,
       (SELECT count(*)
        FROM runs r
        WHERE r.started_at < $2
          AND NOT EXISTS (SELECT FROM (SELECT run_id,
                                              row_number() OVER (PARTITION BY source, verdict = 'complete'
                                                                 ORDER BY finished_at DESC) AS place
                                       FROM source_runs) kept
                          WHERE kept.run_id = r.id AND kept.place <= 10))
           + (SELECT count(*)
              FROM scheduled_runs s
              WHERE s.started_at < $2
                AND EXISTS (SELECT FROM scheduled_runs later
                            WHERE later.name = s.name AND later.due_at > s.due_at)) AS runs,
       (SELECT count(*) FROM recovery_requests WHERE finished_at < $3) AS recovery_requests,
       (SELECT count(*) FROM provider_requests WHERE at < $3)
           + (SELECT count(*) FROM provider_waits WHERE at < $3) AS provider_requests
