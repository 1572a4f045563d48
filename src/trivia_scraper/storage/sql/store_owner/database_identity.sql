-- What tells this database from every other: the cluster's own number, and its name there.
SELECT (SELECT system_identifier FROM pg_control_system())::text || '/' || current_database() AS identity
