"""SQL kept as SQL (architecture 7): every file prepares against the migrated schema, and its header is true."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

from trivia_scraper.storage import queries as queries_module
from trivia_scraper.storage.migrations import read_migrations
from trivia_scraper.storage.queries import MIGRATIONS_FOLDER, SQL_FOLDER, all_queries, parameters, sql

NAMES = sorted(all_queries())
FOLDERS = sorted({name.partition("/")[0] for name in NAMES})
STORAGE = Path(queries_module.__file__).parent
PYTHON_FILES = sorted(STORAGE.parent.rglob("*.py"))
QUOTED_NAME = re.compile(rf"""["']((?:{"|".join(FOLDERS)})/[A-Za-z0-9_]+)["']""")
TYPE_NAMES = {
    "int2": "smallint",
    "int4": "integer",
    "int8": "bigint",
    "float8": "double precision",
    "bool": "boolean",
}
"""Names that Postgres uses inside → those that a header uses, the standard's."""


@pytest.fixture
async def connection(database_url: str) -> AsyncIterator[asyncpg.Connection[asyncpg.Record]]:
    opened = await asyncpg.connect(database_url)
    yield opened
    await opened.close()


def declared_type(inferred: str) -> str:
    """`int8[]` → `bigint[]`."""
    base = inferred.removesuffix("[]")
    return TYPE_NAMES.get(base, base) + inferred[len(base) :]


@pytest.mark.parametrize("name", NAMES)
async def test_a_query_prepares_and_its_header_lists_its_parameters(
    connection: asyncpg.Connection[asyncpg.Record], name: str
) -> None:
    """$1 … $n in order, each once, each of the type that Postgres infers for it."""
    text = sql(name)
    header = parameters(text)
    assert [parameter.position for parameter in header] == list(range(1, len(header) + 1))
    assert len({parameter.name for parameter in header}) == len(header)
    prepared = await connection.prepare(text)
    inferred = [declared_type(kind.name) for kind in prepared.get_parameters()]
    assert [parameter.type for parameter in header] == inferred


@pytest.mark.parametrize("name", NAMES)
def test_a_header_stands_above_its_query(name: str) -> None:
    """No parameter is told of below the first line that is no comment, and none in another form."""
    lines = sql(name).splitlines()
    first = next(number for number, line in enumerate(lines) if line and not line.startswith("--"))
    assert len(parameters("\n".join(lines[:first]) + "\n")) == sum(line.startswith("-- $") for line in lines)


def names_used() -> dict[str, set[str]]:
    """Names of queries in the code → the modules that say them."""
    used: dict[str, set[str]] = {}
    for path in PYTHON_FILES:
        for name in QUOTED_NAME.findall(path.read_text(encoding="utf-8")):
            used.setdefault(name, set()).add(path.name)
    return used


def test_every_query_is_used_and_every_name_in_code_is_a_query() -> None:
    used = names_used()
    assert set(NAMES) - set(used) == set(), "queries that nobody asks"
    assert set(used) - set(NAMES) == set(), "names of no query"


def test_every_file_below_sql_is_a_query_or_a_migration() -> None:
    files = {path.relative_to(SQL_FOLDER).as_posix() for path in SQL_FOLDER.rglob("*") if path.is_file()}
    queries = {f"{name}.sql" for name in NAMES}
    migrations = {
        f"{MIGRATIONS_FOLDER.name}/{migration.name}.sql" for migration in read_migrations(MIGRATIONS_FOLDER)
    }
    assert files == queries | migrations


def test_migrations_are_numbered_without_gaps() -> None:
    numbers = [int(path.name[:4]) for path in sorted(MIGRATIONS_FOLDER.iterdir())]
    assert numbers == list(range(1, len(numbers) + 1))
    assert [migration.number for migration in read_migrations(MIGRATIONS_FOLDER)] == numbers
