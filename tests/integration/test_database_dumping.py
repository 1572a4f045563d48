"""Dumps: complete or not there, restored whole or not at all, into this version and an older one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from support.postgres import fresh_database, recording_log, settings_for
from trivia_scraper.domain.errors import SetupError, StorageUnavailable
from trivia_scraper.storage.connecting import DatabaseSettings, Endpoint
from trivia_scraper.storage.database import Database, open_database
from trivia_scraper.storage.dumping import dump, restore, split_password, without_unknown_settings
from trivia_scraper.storage.embedded import EmbeddedServer

FILL = """
CREATE TABLE venues (id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL, facts jsonb);
INSERT INTO venues (name, facts)
VALUES ('Zum Hirschen', '{"nights": [1, 3]}'), ('SET transaction_timeout = 0;', NULL);
"""
DIGEST = "SELECT md5(string_agg(v::text, '|' ORDER BY id)) FROM venues AS v"


@pytest.fixture
async def filled(blank_url: str) -> AsyncIterator[Database]:
    """A database with two rows."""
    async with open_database(settings_for(blank_url), recording_log()) as database:
        async with database.acquire() as session:
            await session.run_script(FILL)
        yield database


@pytest.fixture
async def empty(postgres_server: EmbeddedServer) -> AsyncIterator[Database]:
    """Another database, without anything."""
    async with (
        fresh_database(postgres_server, migrations=None) as url,
        open_database(settings_for(url), recording_log()) as database,
    ):
        yield database


async def digest(database: Database) -> object:
    async with database.acquire() as session:
        return await session.connection.fetchval(DIGEST)


async def test_there_and_back(filled: Database, empty: Database, tmp_path: Path) -> None:
    file = tmp_path / "store.dump"
    await dump(filled, file)
    await restore(empty, file)
    assert await digest(empty) == await digest(filled)
    assert [path.name for path in tmp_path.iterdir()] == ["store.dump"]


async def test_a_filled_database_is_refused_unless_it_may_go(
    filled: Database, empty: Database, tmp_path: Path
) -> None:
    file = tmp_path / "store.dump"
    await dump(filled, file)
    async with filled.acquire() as session:
        await session.run_script("CREATE TABLE newer (); UPDATE venues SET name = 'changed'")
    changed = await digest(filled)
    with pytest.raises(SetupError, match="not empty"):
        await restore(filled, file)
    assert await digest(filled) == changed
    await restore(filled, file, overwrite=True)
    await restore(empty, file)
    assert await digest(filled) == await digest(empty) != changed
    async with filled.acquire() as session:
        assert await session.connection.fetchval("SELECT to_regclass('newer')") is None


async def test_a_broken_dump_changes_nothing(filled: Database, tmp_path: Path) -> None:
    file = tmp_path / "store.dump"
    await dump(filled, file)
    file.write_bytes(file.read_bytes()[:-200])
    before = await digest(filled)
    with pytest.raises(SetupError, match="pg_restore failed"):
        await restore(filled, file, overwrite=True)
    assert await digest(filled) == before


async def test_places_that_are_none(filled: Database, tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="cannot be written"):
        await dump(filled, tmp_path / "missing" / "store.dump")
    with pytest.raises(SetupError, match="no dump"):
        await restore(filled, tmp_path / "missing.dump")


async def test_an_old_dump_stays_when_a_new_one_fails(
    postgres_server: EmbeddedServer, tmp_path: Path, blank_url: str
) -> None:
    file = tmp_path / "store.dump"
    file.write_text("the old one")
    async with open_database(settings_for(blank_url), recording_log()) as database:
        gone = Database(_elsewhere(database), database.settings, database._pool, recording_log())
        with pytest.raises(StorageUnavailable, match="pg_dump failed"):
            await dump(gone, file)
    assert [path.read_text() for path in tmp_path.iterdir()] == ["the old one"]


def _elsewhere(database: Database) -> Endpoint:
    return replace(database.endpoint, url="postgresql://postgres@/postgres?host=/nonexistent")


def _older_binaries() -> Path | None:
    found = sorted(Path("/usr/lib/postgresql").glob("1[3-7]/bin/initdb"))
    return found[0].parent if found else None


@pytest.mark.skipif(_older_binaries() is None, reason="no older PostgreSQL installed")
async def test_into_an_older_server(filled: Database, open_folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "store.dump"
    await dump(filled, file)
    older = DatabaseSettings(
        url="embedded",
        data_dir=open_folder / "postgres",
        embedded_bin_dir=_older_binaries(),
        server_options={"fsync": "off"},
    )
    async with open_database(older, recording_log()) as database:
        # As for a server given by DSN: the programs are those of the newest version we have.
        target = settings_for(database.endpoint.url)
        async with open_database(target, recording_log()) as by_url:
            assert int(await by_url.fetchval("session/server_version")) < 180000
            await restore(by_url, file)
            assert await digest(by_url) == await digest(filled)


# --- pure ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "bare", "secret"),
    [
        ("postgresql://me:s%40cret@host:5433/x", "postgresql://me@host:5433/x", "s@cret"),
        ("postgresql://me@host/x", "postgresql://me@host/x", ""),
        ("postgresql://host/x?password=s%20t&sslmode=require", "postgresql://host/x?sslmode=require", "s t"),
        ("postgresql://postgres@/x?host=%2Frun%2Fpg", "postgresql://postgres@/x?host=%2Frun%2Fpg", ""),
        ("postgresql:///x?host=%2Frun%2Fpg", "postgresql:///x?host=%2Frun%2Fpg", ""),
        ("postgresql://me:pw@a:1,b:2/x", "postgresql://me@a:1,b:2/x", "pw"),
    ],
)
def test_passwords_leave_the_command_line(url: str, bare: str, secret: str) -> None:
    assert split_password(url) == (bare, secret)


@pytest.mark.parametrize(
    ("line", "version", "kept"),
    [
        ("SET transaction_timeout = 0;\n", 150004, False),
        ("SET transaction_timeout = 0;\n", 170000, True),
        ("SET lock_timeout = 0;\n", 130000, True),
    ],
)
def test_settings_that_an_older_server_does_not_know(line: str, version: int, kept: bool) -> None:
    assert without_unknown_settings(line, version) == (line if kept else "")
