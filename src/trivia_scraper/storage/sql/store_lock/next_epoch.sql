-- A new number for a process that writes to the store; lines of the last month are kept.
-- $1 role: text
-- $2 pid: integer
-- $3 host: text
WITH old AS (DELETE FROM store_epochs WHERE fenced_at < now() - interval '30 days')
INSERT INTO store_epochs (epoch, role, pid, host, taken_at)
VALUES (nextval('store_epoch'), $1, $2, $3, now())
RETURNING epoch
