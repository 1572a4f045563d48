-- Whether a venue has no running event in the hour of this one (E1).
-- $1 event: bigint
-- $2 venue: bigint
SELECT NOT EXISTS (
    SELECT FROM events taken
    JOIN events e ON e.id = $1
    WHERE taken.venue_id = $2 AND taken.closed_at IS NULL AND taken.id <> e.id
      AND (taken.weekday, taken.start_time) = (e.weekday, e.start_time)
)
