-- Keep what a provider's answers taught.
-- $1 provider: text
-- $2 delay_ms: integer
-- $3 successes_in_row: integer
-- $4 now: timestamptz
INSERT INTO provider_state (provider, delay_ms, successes_in_row, updated_at)
VALUES ($1, $2, $3, $4)
ON CONFLICT (provider) DO UPDATE
SET delay_ms = excluded.delay_ms, successes_in_row = excluded.successes_in_row, updated_at = excluded.updated_at
