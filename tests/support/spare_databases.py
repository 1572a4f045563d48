"""Databases that earlier tests have used and that are empty again: a new clone costs more than most tests.

A database is lent again only if nothing tells it from a new clone: no session is left in it, and its schema, its
settings and the rows of the migrations are as the first clone had them. Any other is dropped.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import asyncpg

LOANS = 150
"""Tests a database: dead rows stay in it, for nobody vacuums here."""
MOST_BYTES = 8 << 20
"""Of tables that held rows, dead ones included."""
CATALOGS = (
    "pg_attrdef", "pg_attribute", "pg_constraint", "pg_enum", "pg_event_trigger", "pg_extension", "pg_index",
    "pg_namespace", "pg_policy", "pg_proc", "pg_rewrite", "pg_sequence", "pg_statistic", "pg_trigger", "pg_type",
)  # fmt: skip
"""Where a change of the schema, and statistics that change plans, leave a new row version."""
STATE = " UNION ALL ".join(
    (
        *(f"SELECT '{name}', count(*), sum(hashtext(ctid::text || xmin)) FROM {name}" for name in CATALOGS),
        "SELECT 'pg_class', count(*), sum(hashtext(ROW(oid, relname, relowner, relacl, reloptions, reltuples)::text))"
        " FROM pg_class",
        "SELECT 'pg_database', datconnlimit, hashtext(ROW(datallowconn, datacl)::text)"
        " FROM pg_database WHERE datname = current_database()",
        "SELECT 'pg_db_role_setting', count(*), NULL FROM pg_db_role_setting s"
        " JOIN pg_database d ON d.oid = s.setdatabase WHERE d.datname = current_database()",
        "SELECT 'sequences', count(last_value), sum(last_value) FROM pg_sequences",
        "SELECT 'sessions', count(*), NULL FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()",
    )
)
HELD_ROWS = (
    "SELECT oid::regclass::text AS name, pg_total_relation_size(oid) AS bytes FROM pg_class"
    " WHERE relkind = 'r' AND oid >= 16384 AND pg_relation_size(oid) > 0"
)
START_SEQUENCES_ANEW = (
    "SELECT setval(format('%I.%I', schemaname, sequencename)::regclass, start_value, false)"
    " FROM pg_sequences WHERE last_value IS NOT NULL"
)


class SpareDatabases:
    """Lends databases of one server to the tests of one process; `create` clones, `drop` drops one by its name."""

    def __init__(
        self,
        create: Callable[[], Awaitable[str]],
        drop: Callable[[str], Awaitable[None]],
        url_of: Callable[[str], str],
    ) -> None:
        self._create = create
        self._drop = drop
        self._url_of = url_of
        self._spare: list[str] = []
        self._loans: dict[str, int] = {}
        self._as_new: tuple[set[str], str] | None = None

    @asynccontextmanager
    async def lend(self, *, used_ones: bool) -> AsyncIterator[str]:
        """The URL of a database that is as a new clone is; to the planner only a clone that nobody used is."""
        name = self._spare.pop() if self._spare and used_ones else await self._clone()
        try:
            yield self._url_of(name)
        finally:
            if await self._is_as_new_again(name):
                self._spare.append(name)
            else:
                await self._drop(name)

    async def _clone(self) -> str:
        name = await self._create()
        self._loans[name] = 0
        if self._as_new is None:
            connection = await asyncpg.connect(self._url_of(name))
            try:
                tables = {row["name"] for row in await connection.fetch(HELD_ROWS)}
                self._as_new = tables, await _state(connection, tables)
            finally:
                await connection.close()
        return name

    async def _is_as_new_again(self, name: str) -> bool:
        """Empty the tables that were empty, and see whether all else is as it was."""
        assert self._as_new is not None
        tables_of_migrations, as_new = self._as_new
        self._loans[name] += 1
        if self._loans[name] >= LOANS:
            return False
        try:
            connection = await asyncpg.connect(self._url_of(name))
        except (OSError, asyncpg.PostgresError):  # the test dropped it, or allows nobody in
            return False
        try:
            held_rows = {row["name"]: row["bytes"] for row in await connection.fetch(HELD_ROWS)}
            if sum(held_rows.values()) > MOST_BYTES:
                return False
            await _empty(connection, held_rows.keys() - tables_of_migrations)
            return await _state(connection, tables_of_migrations) == as_new
        except (OSError, asyncpg.PostgresError):
            return False
        finally:
            await connection.close()


async def _empty(connection: asyncpg.Connection[asyncpg.Record], tables: set[str]) -> None:
    """Delete all rows, and whatever a trigger would say to that unsaid."""
    # A session that the test left behind may hold a lock: such a database is not lent again anyway.
    statements = ["SET lock_timeout = '1s'", "SET session_replication_role = replica"]
    statements += [f"DELETE FROM {name}" for name in sorted(tables)]
    await connection.execute(";".join([*statements, START_SEQUENCES_ANEW]))


async def _state(connection: asyncpg.Connection[asyncpg.Record], tables_of_migrations: set[str]) -> str:
    """What there is besides the rows of tests."""
    rows = (f"SELECT '{name}', count(*), sum(hashtext(ctid::text || xmin)) FROM {name}"
            for name in sorted(tables_of_migrations))  # fmt: skip
    return str(await connection.fetch(" UNION ALL ".join((STATE, *rows))))
