-- What is known of one condition after a look.
-- $1 condition: text
-- $2 kind: text
-- $3 subject: text
-- $4 message: text
-- $5 severity: text
-- $6 times_in_row: integer
-- $7 absent_in_row: integer
-- $8 first_seen_at: timestamptz
-- $9 last_seen_at: timestamptz
-- $10 sent_at: timestamptz
-- $11 sends: integer
-- $12 resolved_at: timestamptz
INSERT INTO notices (condition, kind, subject, message, severity, times_in_row, absent_in_row, first_seen_at,
                     last_seen_at, sent_at, sends, resolved_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
ON CONFLICT (condition) DO UPDATE
SET kind = excluded.kind, subject = excluded.subject, message = excluded.message, severity = excluded.severity,
    times_in_row = excluded.times_in_row, absent_in_row = excluded.absent_in_row,
    first_seen_at = excluded.first_seen_at, last_seen_at = excluded.last_seen_at, sent_at = excluded.sent_at,
    sends = excluded.sends, resolved_at = excluded.resolved_at
