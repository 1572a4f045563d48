"""The migration runner: order, checksums, racing migrators, and one that is killed half way (F41, F42)."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

from support.postgres import recording_log, settings_for
from trivia_scraper.domain.errors import RowRejected, SchemaTooNew, SetupError
from trivia_scraper.storage.database import Database, open_database
from trivia_scraper.storage.migrations import Applied, Migration, migrate, plan, read_migrations, status
from trivia_scraper.storage.pg_errors import QueryFault

TESTS = Path(__file__).parents[1]
FIRST = "CREATE TABLE venues (id integer PRIMARY KEY);\nINSERT INTO venues VALUES (1), (2);\n"
SECOND = "ALTER TABLE venues ADD COLUMN name text;\n"


@pytest.fixture
async def database(blank_url: str) -> AsyncIterator[Database]:
    """An empty database, opened."""
    async with open_database(settings_for(blank_url), recording_log()) as opened:
        yield opened


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two migrations."""
    folder = tmp_path / "migrations"
    folder.mkdir()
    (folder / "0001_venues.sql").write_text(FIRST)
    (folder / "0002_names.sql").write_text(SECOND)
    return folder


async def value(database: Database, query: str) -> object:
    async with database.acquire() as session:
        return await session.connection.fetchval(query)


async def test_all_are_applied_in_order_and_once(database: Database, folder: Path) -> None:
    assert await migrate(database, folder) == ["0001_venues", "0002_names"]
    assert await migrate(database, folder) == []
    assert await value(database, "SELECT count(name) + count(*) FROM venues") == 2
    assert await value(database, "SELECT string_agg(name, ' ' ORDER BY number) FROM schema_migrations") == (
        "0001_venues 0002_names"
    )


async def test_only_what_is_new_is_applied(database: Database, folder: Path) -> None:
    await migrate(database, folder)
    (folder / "0003_more.sql").write_text("INSERT INTO venues VALUES (3)")
    assert (await status(database, folder)).pending == ["0003_more"]
    assert await migrate(database, folder) == ["0003_more"]
    assert (await status(database, folder)).applied == ["0001_venues", "0002_names", "0003_more"]


async def test_a_dry_run_writes_nothing(database: Database, folder: Path) -> None:
    assert await migrate(database, folder, dry_run=True) == ["0001_venues", "0002_names"]
    assert await value(database, "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace") == 0
    assert (await status(database, folder)).applied == []


async def test_a_migration_that_fails_leaves_the_ones_before_it(database: Database, folder: Path) -> None:
    (folder / "0003_bad.sql").write_text("INSERT INTO venues VALUES (3); INSERT INTO venues VALUES (1);")
    with pytest.raises(RowRejected):
        await migrate(database, folder)
    assert await value(database, "SELECT count(*) FROM venues") == 2
    (folder / "0003_bad.sql").write_text("INSERT INTO venues VALUES (3)")
    assert await migrate(database, folder) == ["0003_bad"]


async def test_a_migration_may_not_commit_by_itself(database: Database, folder: Path) -> None:
    (folder / "0003_commits.sql").write_text("INSERT INTO venues VALUES (3); COMMIT;")
    with pytest.raises(QueryFault, match="ends its own transaction"):
        await migrate(database, folder)


async def test_a_migration_may_take_longer_than_a_query(blank_url: str, folder: Path) -> None:
    (folder / "0003_slow.sql").write_text("SELECT pg_sleep(0.3)")
    async with open_database(settings_for(blank_url, statement_timeout_seconds=0.1), recording_log()) as database:
        assert len(await migrate(database, folder)) == 3


async def test_an_edited_migration_is_found(database: Database, folder: Path) -> None:
    await migrate(database, folder)
    (folder / "0001_venues.sql").write_text(FIRST + "-- a word more\n")
    with pytest.raises(SetupError, match="0001_venues was changed"):
        await migrate(database, folder)
    with pytest.raises(SetupError, match="0001_venues was changed"):
        await status(database, folder)


async def test_line_ends_are_no_change(database: Database, folder: Path) -> None:
    await migrate(database, folder)
    (folder / "0001_venues.sql").write_bytes(FIRST.replace("\n", "\r\n").encode())
    assert await migrate(database, folder) == []


async def test_f41_a_newer_schema_is_refused_and_untouched(database: Database, folder: Path, tmp_path: Path) -> None:
    await migrate(database, folder)
    older = tmp_path / "older"
    older.mkdir()
    (older / "0001_venues.sql").write_text(FIRST)
    for attempt in (migrate(database, older), migrate(database, older, dry_run=True), status(database, older)):
        with pytest.raises(SchemaTooNew, match="0002_names"):
            await attempt
    assert await value(database, "SELECT count(*) FROM schema_migrations") == 2


async def test_f42_of_two_migrators_one_waits(blank_url: str, database: Database, folder: Path) -> None:
    async with open_database(settings_for(blank_url), recording_log()) as other:
        applied = await asyncio.gather(migrate(database, folder), migrate(other, folder), migrate(database, folder))
    assert sorted(map(len, applied)) == [0, 0, 2]
    assert await value(database, "SELECT count(*) FROM venues") == 2


async def test_f42_a_migration_killed_half_way_is_completed_by_the_next_run(
    blank_url: str, database: Database, folder: Path
) -> None:
    gate = 4711  # the second half of the migration waits for this lock, which the test holds
    (folder / "0003_gated.sql").write_text(
        f"INSERT INTO venues VALUES (3);\nSELECT pg_advisory_xact_lock({gate});\nINSERT INTO venues VALUES (4);\n"
    )
    keeper = await asyncpg.connect(blank_url)
    try:
        await keeper.execute(f"SELECT pg_advisory_lock({gate})")
        process = subprocess.Popen(
            [sys.executable, str(TESTS / "support" / "migrating_process.py"), blank_url, str(folder)],
            env={"PYTHONPATH": ":".join([str(TESTS), str(TESTS.parent / "src"), *sys.path])},
        )
        try:
            await _until_waiting(keeper, gate)
        finally:
            process.kill()
            process.wait()
    finally:
        await keeper.close()
    assert await migrate(database, folder) == ["0003_gated"]
    assert await value(database, "SELECT count(*) FROM venues") == 4


async def _until_waiting(connection: asyncpg.Connection[asyncpg.Record], key: int) -> None:
    async with asyncio.timeout(30):
        while not await connection.fetchval(
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = $1 AND NOT granted", key
        ):
            pass


# --- pure ----------------------------------------------------------------------------------------------


def migration(number: int, checksum: str = "same") -> Migration:
    return Migration(number, f"{number:04}_x", "", checksum)


def applied(number: int, checksum: str = "same") -> Applied:
    return Applied(number, f"{number:04}_x", checksum)


@pytest.mark.parametrize(
    ("known", "done", "pending"),
    [
        ([], [], []),
        ([1, 2], [], [1, 2]),
        ([1, 2], [1], [2]),
        ([1, 2], [1, 2], []),
    ],
)
def test_what_is_pending(known: list[int], done: list[int], pending: list[int]) -> None:
    planned = plan([migration(number) for number in known], [applied(number) for number in done])
    assert [one.number for one in planned] == pending


@pytest.mark.parametrize(
    ("known", "done", "error", "text"),
    [
        ([migration(1)], [applied(1), applied(2)], SchemaTooNew, "0002_x"),
        ([], [applied(1)], SchemaTooNew, "0001_x"),
        ([migration(1), migration(2)], [applied(1, "other")], SetupError, "changed"),
        ([migration(1), migration(2)], [applied(2)], SetupError, "left out"),
    ],
)
def test_f41_histories_that_do_not_fit(
    known: list[Migration], done: list[Applied], error: type[Exception], text: str
) -> None:
    with pytest.raises(error, match=text):
        plan(known, done)


@pytest.mark.parametrize(
    ("names", "text"),
    [
        (["0002_x.sql"], "0001 is missing"),
        (["0001_x.sql", "0001_y.sql"], "0002 is missing or doubled"),
        (["0001_x.sql", "0003_y.sql"], "0002 is missing"),
        (["1_x.sql"], "no name for a migration"),
        (["0001 x.sql"], "no name for a migration"),
    ],
)
def test_folders_that_make_no_sense(tmp_path: Path, names: list[str], text: str) -> None:
    for name in names:
        (tmp_path / name).touch()
    with pytest.raises(SetupError, match=text):
        read_migrations(tmp_path)
