-- One line of a venue's story.
-- $1 run: uuid
-- $2 now: timestamptz
-- $3 venue: bigint
-- $4 event: bigint
-- $5 source: text
-- $6 kind: text
-- $7 before: jsonb
-- $8 after: jsonb
INSERT INTO changes (run_id, at, venue_id, event_id, source, kind, before, after)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
