-- The last attempts of a venue, locked until the transaction ends.
-- $1 venue: bigint
SELECT history, providers FROM venue_enrichment WHERE venue_id = $1 FOR UPDATE
