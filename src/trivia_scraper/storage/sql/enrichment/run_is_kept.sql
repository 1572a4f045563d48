-- Whether this enrichment is written already: a lost commit is resolved by writing again.
-- $1 run: uuid
-- $2 venue: bigint
-- $3 started_at: timestamptz
SELECT EXISTS (SELECT FROM enrichment_runs WHERE run_id = $1 AND venue_id = $2 AND started_at = $3)
