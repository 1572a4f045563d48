SELECT EXISTS (
    SELECT
    FROM pg_class AS relation
    JOIN pg_namespace AS schema ON schema.oid = relation.relnamespace
    WHERE relation.relkind IN ('r', 'p', 'v', 'm', 'S')
        AND schema.nspname NOT LIKE 'pg\_%'
        AND schema.nspname <> 'information_schema'
)
