-- One enrichment of one venue, with all that it was about. Outlives everything else that is pruned (R206).
-- $1 run: uuid
-- $2 venue: bigint
-- $3 mode: text
-- $4 status: text
-- $5 context: jsonb
-- $6 discovered: integer
-- $7 uploaded: integer
-- $8 failed: integer
-- $9 venue_uploaded: integer
-- $10 venue_failed: integer
-- $11 venue_total: integer
-- $12 failure_breakdown: jsonb
-- $13 failed_image_ids: bigint[]
-- $14 providers: jsonb
-- $15 cost: numeric
-- $16 summary: text
-- $17 started_at: timestamptz
-- $18 duration_ms: integer
INSERT INTO enrichment_runs (run_id, venue_id, mode, status, context, discovered, uploaded, failed, venue_uploaded,
                             venue_failed, venue_total, failure_breakdown, failed_image_ids, providers, cost, summary,
                             started_at, duration_ms)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)
