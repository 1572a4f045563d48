-- Write some columns of an event.
-- $1 id: bigint
-- $2 columns: jsonb
UPDATE events e
SET (venue_id, end_time, fee_minor, currency, description, status, next_date, performer_id, hero_url, closed_at,
     closed_why, updated_at) =
    (SELECT r.venue_id, r.end_time, r.fee_minor, r.currency, r.description, r.status, r.next_date, r.performer_id,
            r.hero_url, r.closed_at, r.closed_why, r.updated_at
     FROM jsonb_populate_record(e, $2) r)
WHERE e.id = $1
