-- $1 name: text
-- $2 value: text
SELECT set_config($1, $2, false)
