-- $1 number: integer
-- $2 name: text
-- $3 checksum: text
INSERT INTO schema_migrations (number, name, checksum)
VALUES ($1, $2, $3)
