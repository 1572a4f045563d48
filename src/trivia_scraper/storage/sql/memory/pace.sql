-- The delay that a provider's answers taught.
-- $1 provider: text
SELECT delay_ms, successes_in_row FROM provider_state WHERE provider = $1
