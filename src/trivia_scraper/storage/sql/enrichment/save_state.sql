-- What is kept of a venue. Only a check that providers answered counts as one: after an error it stays due.
-- $1 venue: bigint
-- $2 is_checked: boolean
-- $3 status: text
-- $4 summary: text
-- $5 providers: jsonb
-- $6 providers_used: text[]
-- $7 completeness: double precision
-- $8 cost: numeric
-- $9 history: jsonb
-- $10 now: timestamptz
INSERT INTO venue_enrichment AS e (venue_id, last_checked_at, last_status, last_summary, providers, providers_used,
                                   completeness, cost, history, updated_at)
VALUES ($1, CASE WHEN $2 THEN $10::timestamptz END, $3, $4, $5, $6, $7, $8, $9, $10)
ON CONFLICT (venue_id) DO UPDATE
SET last_checked_at = CASE WHEN $2 THEN $10::timestamptz ELSE e.last_checked_at END,
    last_status = excluded.last_status, last_summary = excluded.last_summary, providers = excluded.providers,
    providers_used = excluded.providers_used, completeness = excluded.completeness, cost = excluded.cost,
    history = excluded.history, updated_at = excluded.updated_at
