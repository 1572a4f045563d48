-- This transaction may wait for locks as long as it takes.
-- $1 milliseconds: text
SELECT set_config('lock_timeout', $1, true), set_config('statement_timeout', $1, true)
