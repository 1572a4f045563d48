-- The notes "looks like another venue" of these venues are dealt with, where no pair of theirs is open any more.
-- $1 venues: bigint[]
-- $2 now: timestamptz
UPDATE issues i
SET resolved_at = $2
FROM venues v
WHERE i.kind = 'look_alike' AND i.resolved_at IS NULL AND i.subject = v.slug AND v.id = ANY ($1)
  AND NOT EXISTS (
      SELECT FROM venue_pairs p
      JOIN venues other ON other.id = CASE WHEN p.low_id = v.id THEN p.high_id ELSE p.low_id END
      WHERE v.id IN (p.low_id, p.high_id) AND p.state = 'open' AND v.merged_into IS NULL AND other.merged_into IS NULL
  )
