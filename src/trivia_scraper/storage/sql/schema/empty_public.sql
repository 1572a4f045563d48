DO $$
BEGIN
    DROP SCHEMA public CASCADE;
    CREATE SCHEMA public;
END
$$;
