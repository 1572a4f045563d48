-- Every event of a venue, and who shows it.
-- $1 venue: bigint
-- $2 source: text
-- $3 key: text
SELECT e.id, e.weekday, e.start_time, e.end_time, e.frequency, e.ordinals, e.fee_minor, e.currency, e.title,
       e.description, e.status, e.next_date, e.performer_id, e.hero_url, e.fact_source, e.closed_at,
       coalesce(bool_or(s.source = e.fact_source), false) AS owner_shows,
       (array_agg(s.key ORDER BY s.first_seen_at, s.key) FILTER (WHERE s.source = e.fact_source AND s.misses = 0))[1]
           AS owner_key,
       coalesce(bool_or(s.source = $2 AND s.key = $3), false) AS mine,
       coalesce(bool_or(s.source = $2 AND s.key <> $3), false) AS under_another_key,
       coalesce(bool_or(NOT (s.source = $2 AND s.key = $3)), false) AS others
FROM events e
LEFT JOIN event_sources s ON s.event_id = e.id
WHERE e.venue_id = $1
GROUP BY e.id
ORDER BY e.closed_at NULLS FIRST, e.id
