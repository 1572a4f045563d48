-- What a source's last run was worth.
-- $1 slug: text
-- $2 verdict: text
-- $3 listed: integer
-- $4 now: timestamptz
INSERT INTO sources (slug, first_run_at, last_run_at, last_verdict, last_complete_at, last_complete_listed)
VALUES ($1, $4, $4, $2, CASE WHEN $2 = 'complete' THEN $4::timestamptz END,
        CASE WHEN $2 = 'complete' THEN $3::integer END)
ON CONFLICT (slug) DO UPDATE
SET first_run_at = coalesce(sources.first_run_at, $4), last_run_at = $4, last_verdict = $2,
    last_complete_at = coalesce(excluded.last_complete_at, sources.last_complete_at),
    last_complete_listed = coalesce(excluded.last_complete_listed, sources.last_complete_listed)
