-- A run has ended.
-- $1 id: uuid
-- $2 now: timestamptz
-- $3 finish_reason: text
-- $4 ok: boolean
-- $5 report: jsonb
UPDATE runs SET finished_at = $2, finish_reason = $3, ok = $4, report = $5 WHERE id = $1
