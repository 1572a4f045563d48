-- Another venue that a provider knows by this id.
-- $1 venue: bigint
-- $2 provider: text
-- $3 id: text
SELECT v.slug
FROM venues v
LEFT JOIN venue_provider_ids p ON p.venue_id = v.id AND p.provider = $2 AND p.id = $3
WHERE v.id <> $1 AND v.merged_into IS NULL
  AND (p.id IS NOT NULL OR $2 = 'google_places' AND v.place_id = $3)
ORDER BY v.slug
LIMIT 1
