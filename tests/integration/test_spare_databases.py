"""What most tests stand on: a used database is lent again only if it is as a new clone is."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import asyncpg
import pytest

from support.postgres import create_database, drop_database
from support.spare_databases import SpareDatabases
from trivia_scraper.storage.embedded import EmbeddedServer
from trivia_scraper.storage.queries import MIGRATIONS_FOLDER

PERFORMER = (
    "INSERT INTO performers (slug, name, name_key, source, created_at)"
    " VALUES ('ann', 'Ann', 'ann', 'question_one', now()) RETURNING id"
)


@dataclass
class Lender:
    """Spare databases of a test's own, and what became of them."""

    server: EmbeddedServer
    made: list[str] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.spare = SpareDatabases(self._create, self._drop, self.server.url_of)

    async def use(self, *statements: str) -> object:
        """Lend one, execute these, give it back; the value of the last statement."""
        async with self.spare.lend(used_ones=True) as url:
            connection = await asyncpg.connect(url)
            try:
                return [await connection.fetchval(statement) for statement in statements][-1]
            finally:
                await connection.close()

    async def _create(self) -> str:
        self.made.append(await create_database(self.server, MIGRATIONS_FOLDER))
        return self.made[-1]

    async def _drop(self, name: str) -> None:
        self.dropped.append(name)
        await drop_database(self.server, name)


@pytest.fixture
async def lender(postgres_server: EmbeddedServer) -> AsyncIterator[Lender]:
    made = Lender(postgres_server)
    yield made
    for name in made.made:
        await drop_database(postgres_server, name)


async def test_rows_are_gone_and_numbers_begin_anew(lender: Lender) -> None:
    assert await lender.use("SELECT nextval('store_epoch')", PERFORMER) == 1
    assert await lender.use("SELECT count(*) FROM performers") == 0
    assert await lender.use(PERFORMER, "SELECT nextval('store_epoch')") == 1
    assert (len(lender.made), lender.dropped) == (1, [])


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE more (id int)",
        "ALTER TABLE venues ADD COLUMN more text",
        "ALTER TABLE venues ALTER COLUMN name DROP NOT NULL",
        "DROP INDEX images_failures",
        "CREATE OR REPLACE FUNCTION url_host(url text) RETURNS text LANGUAGE sql AS $$ SELECT '' $$",
        "ANALYZE venues",
        "DELETE FROM schema_migrations WHERE number = 1",
        "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET work_mem = 128', current_database()); END $$",
    ],
)
async def test_what_differs_otherwise_is_not_lent_again(lender: Lender, statement: str) -> None:
    await lender.use(statement)
    await lender.use("SELECT 1")
    assert lender.dropped == lender.made[:1]
    assert len(lender.made) == 2


async def test_a_session_that_stays_keeps_its_database_from_the_next(lender: Lender) -> None:
    async with lender.spare.lend(used_ones=True) as url:
        left_behind = await asyncpg.connect(url)
    assert lender.dropped == lender.made
    left_behind.terminate()


async def test_who_looks_at_plans_gets_a_new_one(lender: Lender) -> None:
    await lender.use("SELECT 1")
    async with lender.spare.lend(used_ones=False) as url:
        assert url.partition("?")[0].endswith(lender.made[1])
