-- $1 name: text
SELECT current_setting($1)
