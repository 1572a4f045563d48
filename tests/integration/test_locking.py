"""One scheduler per store (safety.md 12, F40, F45, F46)."""

from __future__ import annotations

import asyncio
import json
import os
import socket
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import pytest

from support.pg_proxy import proxy_before
from support.postgres import recording_log, settings_for
from trivia_scraper.domain.errors import InstanceLocked, SetupError
from trivia_scraper.storage.database import Database, open_database
from trivia_scraper.storage.embedded import EmbeddedServer
from trivia_scraper.storage.locking import Holder, hold_store_lock, holder_of_session, read_holder, session_name

OURSELVES = Holder(os.getpid(), socket.gethostname())


@pytest.fixture
async def store_url(blank_url: str) -> str:
    """A database with the sequence of epochs."""
    connection = await asyncpg.connect(blank_url)
    await connection.execute("CREATE SEQUENCE store_epoch")
    await connection.close()
    return blank_url


@pytest.fixture
async def store(store_url: str) -> AsyncIterator[Database]:
    """The same, opened."""
    async with open_database(settings_for(store_url), recording_log()) as database:
        yield database


async def take(state_dir: Path, database: Database) -> int:
    """Hold the store for a moment; returns the epoch."""
    async with hold_store_lock(state_dir, database, recording_log()) as lock:
        return lock.epoch


async def test_epochs_grow(tmp_path: Path, store: Database) -> None:
    epochs = [await take(tmp_path / "new" / "state", store) for _ in range(3)]
    assert epochs == sorted(set(epochs))


async def test_f45_a_second_holder_on_this_host_learns_who_the_first_is(tmp_path: Path, store: Database) -> None:
    async with hold_store_lock(tmp_path, store, recording_log()):
        assert json.loads((tmp_path / "lock").read_text()) == {"pid": OURSELVES.pid, "host": OURSELVES.host}
        with pytest.raises(InstanceLocked, match=str(OURSELVES)):
            await take(tmp_path, store)
    assert (tmp_path / "lock").read_text() == ""
    await take(tmp_path, store)


async def test_f45_a_second_holder_elsewhere_learns_it_from_the_database(tmp_path: Path, store: Database) -> None:
    async with hold_store_lock(tmp_path / "one", store, recording_log()):
        with pytest.raises(InstanceLocked, match=str(OURSELVES)):
            await take(tmp_path / "two", store)
    await take(tmp_path / "two", store)


async def test_stores_in_other_databases_are_other_stores(tmp_path: Path, store: Database, blank_url: str) -> None:
    name = urlsplit(blank_url).path[1:]
    async with store.acquire() as session:
        await session.run_script(f"CREATE DATABASE {name}_other")
    try:
        async with open_database(settings_for(blank_url.replace(name, f"{name}_other")), recording_log()) as other:
            async with other.acquire() as session:
                await session.run_script("CREATE SEQUENCE store_epoch")
            async with hold_store_lock(tmp_path / "one", store, recording_log()):
                await take(tmp_path / "two", other)
    finally:
        async with store.acquire() as session:
            await session.run_script(f"DROP DATABASE {name}_other WITH (FORCE)")


async def test_f40_a_killed_session_marks_the_lock_lost_at_once(tmp_path: Path, store: Database) -> None:
    async with hold_store_lock(tmp_path / "one", store, recording_log()) as lock:
        assert not lock.lost
        assert await lock.is_held()
        async with store.acquire() as session:
            await session.connection.execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = $1",
                session_name(OURSELVES),
            )
        async with asyncio.timeout(1):
            await lock.lost_event.wait()
        assert lock.lost
        assert not await lock.is_held()
        # F46: another may take it now, and its epoch is greater
        assert await take(tmp_path / "two", store) > lock.epoch


async def test_f43_a_lock_behind_a_black_hole_is_found_lost_by_asking(
    tmp_path: Path, store_url: str, store: Database, postgres_server: EmbeddedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("trivia_scraper.storage.locking.CHECK_SECONDS", 0.1)
    async with (
        proxy_before(postgres_server.host / ".s.PGSQL.5432", urlsplit(store_url).path[1:]) as proxy,
        open_database(settings_for(proxy.url), recording_log()) as far,
        hold_store_lock(tmp_path, far, recording_log()) as lock,
    ):
        proxy.faults.black_hole = True
        assert not lock.lost  # nobody has told us
        assert not await lock.is_held()
        assert lock.lost
        proxy.faults.black_hole = False


async def test_a_lock_given_back_counts_as_lost(tmp_path: Path, store: Database) -> None:
    log = recording_log()
    async with hold_store_lock(tmp_path, store, log) as lock:
        pass
    assert lock.lost
    assert not await lock.is_held()


async def test_a_state_directory_that_cannot_be(tmp_path: Path, store: Database) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SetupError, match="cannot be made"):
        await take(tmp_path / "file" / "state", store)


# --- pure ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "holder"),
    [
        ('{"pid": 12, "host": "a"}', Holder(12, "a")),
        ("", Holder(None, "")),
        ('{"pid": 12', Holder(None, "")),
        ("[1]", Holder(None, "")),
        ('{"pid": "x", "host": "a"}', Holder(None, "")),
    ],
)
def test_lock_files(text: str, holder: Holder) -> None:
    assert read_holder(text) == holder


@pytest.mark.parametrize("host", ["pub", "a.example", "ü" * 40, "h" * 200])
def test_session_names_fit_and_read_back(host: str) -> None:
    name = session_name(Holder(4194304, host))
    read = holder_of_session(name)
    assert len(name.encode()) <= 63
    assert read.pid == 4194304
    assert host.startswith(read.host)
    assert read.host


@pytest.mark.parametrize("name", ["", "psql", "trivia-scraper", "trivia-scraper lock x@y", "12@host"])
def test_other_session_names_tell_nothing(name: str) -> None:
    assert holder_of_session(name) == Holder(None, "")


def test_an_unknown_holder_is_told_as_such() -> None:
    assert str(Holder(None, "")) == "process unknown on host unknown"
