-- This source showed this event just now (E4, E7).
-- $1 event: bigint
-- $2 source: text
-- $3 key: text
-- $4 url: text
-- $5 now: timestamptz
-- $6 raw_title: text
-- $7 schedule_text: text
-- $8 fee_text: text
INSERT INTO event_sources (event_id, source, key, url, first_seen_at, last_seen_at, last_processed_at, raw_title,
                           schedule_text, fee_text)
VALUES ($1, $2, $3, $4, $5, $5, $5, $6, $7, $8)
ON CONFLICT (event_id, source, key) DO UPDATE
SET url = excluded.url, last_seen_at = $5, last_processed_at = $5, misses = 0, raw_title = excluded.raw_title,
    schedule_text = excluded.schedule_text, fee_text = excluded.fee_text
