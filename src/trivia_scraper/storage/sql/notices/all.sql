-- What is known of every condition that was ever seen and is not forgotten.
SELECT condition, kind, subject, message, severity, times_in_row, absent_in_row, first_seen_at, last_seen_at, sent_at,
       sends, resolved_at
FROM notices
ORDER BY condition
