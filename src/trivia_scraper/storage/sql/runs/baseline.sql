-- Listings of the last complete runs of a source, newest first (O17).
-- $1 source: text
SELECT listed FROM source_runs WHERE source = $1 AND verdict = 'complete' ORDER BY finished_at DESC LIMIT 10
