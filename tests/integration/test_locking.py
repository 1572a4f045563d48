"""One scheduler per store (safety.md 12, F40, F45, F46)."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import os
import socket
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

import pytest

from support.pg_proxy import proxy_before
from support.postgres import fresh_database, recording_log, settings_for
from trivia_scraper.domain.errors import (
    CommitUnknown,
    CredentialsMissing,
    InstanceLocked,
    SetupError,
    StoreFenced,
    TriviaScraperError,
)
from trivia_scraper.domain.log_events import LogEvent
from trivia_scraper.storage.database import Database, open_database
from trivia_scraper.storage.embedded import EmbeddedServer
from trivia_scraper.storage.epochs import join_store
from trivia_scraper.storage.holders import Holder, holder_of_session, read_holder, session_name
from trivia_scraper.storage.locking import ADVISORY_KEY, StoreLock, hold_store_lock
from trivia_scraper.storage.sessions import Session

OURSELVES = Holder(os.getpid(), socket.gethostname(), "run")


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[Database]:
    """A database with our schema, opened."""
    async with open_database(settings_for(database_url), recording_log()) as database:
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
        assert json.loads((tmp_path / "lock").read_text()) == {
            "pid": OURSELVES.pid,
            "host": OURSELVES.host,
            "role": "run",
        }
        with pytest.raises(InstanceLocked, match=str(OURSELVES)):
            await take(tmp_path, store)
    assert (tmp_path / "lock").read_text() == ""
    await take(tmp_path, store)


async def test_f45_a_second_holder_elsewhere_learns_it_from_the_database(tmp_path: Path, store: Database) -> None:
    async with hold_store_lock(tmp_path / "one", store, recording_log()):
        with pytest.raises(InstanceLocked, match=str(OURSELVES)):
            await take(tmp_path / "two", store)
    await take(tmp_path / "two", store)


async def test_stores_in_other_databases_are_other_stores(
    tmp_path: Path, store: Database, postgres_server: EmbeddedServer
) -> None:
    async with (
        fresh_database(postgres_server) as other_url,
        open_database(settings_for(other_url), recording_log()) as other,
        hold_store_lock(tmp_path / "one", store, recording_log()),
    ):
        await take(tmp_path / "two", other)


async def cut(store: Database, holder: Holder = OURSELVES) -> None:
    """End the session that holds the lock, from the server's side."""
    async with store.acquire() as session:
        await session.connection.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = $1",
            session_name(holder),
        )


async def until(condition: Callable[[], bool]) -> None:
    """Let the loop turn until it is so."""
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0.01)


async def test_f40_a_killed_session_closes_the_gate_at_once_and_the_lock_is_taken_again(
    tmp_path: Path, store: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with hold_store_lock(tmp_path / "one", store, recording_log()) as lock:
        epoch = lock.epoch
        may_go_on = asyncio.Event()
        open_session = lock._open_session

        async def open_later() -> Session:
            await may_go_on.wait()
            return await open_session()

        monkeypatch.setattr(lock, "_open_session", open_later)
        await cut(store)
        async with asyncio.timeout(1):
            while lock.is_held:
                await asyncio.sleep(0)
        may_go_on.set()
        await lock.until_held(20)
        assert lock.is_held
        assert lock.epoch == epoch
        with pytest.raises(InstanceLocked):
            await take(tmp_path / "two", store)
        await write_under(store, epoch)


async def test_f46_a_holder_that_slept_is_refused_once_another_has_the_store(
    tmp_path: Path, store: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with hold_store_lock(tmp_path / "one", store, recording_log()) as lock:
        second_is_in = asyncio.Event()
        open_session = lock._open_session

        async def open_later() -> Session:
            await second_is_in.wait()
            return await open_session()

        monkeypatch.setattr(lock, "_open_session", open_later)
        await write_under(store, lock.epoch)
        await cut(store)
        await until(lambda: not lock.is_held)
        async with hold_store_lock(tmp_path / "two", store, recording_log()) as second:
            assert second.epoch > lock.epoch
            with pytest.raises(StoreFenced):
                await write_under(store, lock.epoch)
            await write_under(store, second.epoch)
            second_is_in.set()
            await until(lambda: lock.is_taken)
            with pytest.raises(InstanceLocked, match=str(OURSELVES)):
                lock.raise_if_taken()
        # The second has gone again: its predecessor stays shut out.
        with pytest.raises(StoreFenced):
            await write_under(store, lock.epoch)


async def write_under(store: Database, epoch: int) -> None:
    """A statement and a transaction that write, under a number."""
    fenced = store.fenced(epoch)
    await fenced.execute("files/announce", ["venues/a/hero-1.jpg"], "put", epoch, dt.datetime.now(dt.UTC))
    async with fenced.transaction() as session:
        await session.execute("files/drop_intents", ["venues/a/hero-1.jpg"])


async def test_fencing_waits_for_what_is_just_being_written(tmp_path: Path, store: Database) -> None:
    async with store.dedicated("predecessor") as session:
        old = await session.fetchval("store_lock/next_epoch", "run", 1, "elsewhere")
    async with store.fenced(old).transaction() as session, asyncio.TaskGroup() as group:
        taking = group.create_task(take(tmp_path, store))
        await until_waiting(store)
        assert not taking.done()
        await session.execute("files/drop_intents", ["none"])
        await session.commit()
        await session.begin()
    with pytest.raises(StoreFenced):
        await write_under(store, old)


async def until_waiting(store: Database) -> None:
    """Until some session waits for an advisory lock."""
    waits = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
    async with asyncio.timeout(20), store.acquire() as session:
        while not await session.connection.fetchval(waits):
            await asyncio.sleep(0.01)


async def test_workers_live_beside_a_holder_and_are_shut_out_when_they_are_gone(
    tmp_path: Path, store: Database
) -> None:
    async with join_store(store, "worker") as alive:
        async with store.dedicated("dead worker") as session:
            dead = await session.fetchval("store_lock/next_epoch", "worker", 1, "elsewhere")
        async with hold_store_lock(tmp_path, store, recording_log(), "scheduler"):
            await write_under(store, alive)
            with pytest.raises(StoreFenced):
                await write_under(store, dead)
    with pytest.raises(StoreFenced):
        await write_under(store, alive)


async def test_f43_a_lock_behind_a_black_hole_is_found_lost_by_asking(
    tmp_path: Path, database_url: str, postgres_server: EmbeddedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("trivia_scraper.storage.locking.CHECK_SECONDS", 0.1)
    async with (
        proxy_before(postgres_server.host / ".s.PGSQL.5432", urlsplit(database_url).path[1:]) as proxy,
        open_database(settings_for(proxy.url, acquire_timeout_seconds=0.5), recording_log()) as far,
        hold_store_lock(tmp_path, far, recording_log()) as lock,
    ):
        proxy.faults.black_hole = True
        await until(lambda: not lock.is_held)
        proxy.faults.black_hole = False
        await lock.until_held(20)
        assert lock.is_held


async def test_f43_our_own_last_session_that_the_server_has_not_missed_is_no_other_instance(
    tmp_path: Path, store: Database
) -> None:
    """A cut that no packet tells of leaves our backend, and its lock, at the server for up to a minute."""
    async with hold_store_lock(tmp_path, store, recording_log()) as lock:
        async with store.dedicated(session_name(OURSELVES)) as ghost:
            await cut_and_take(store, ghost)
            await until(lambda: not lock.is_held)
            await until(lambda: len(retries(lock)) > 1)
            assert not lock.is_taken
            await write_under(store, lock.epoch)
        await lock.until_held(20)
        assert lock.is_held
        await write_under(store, lock.epoch)


async def cut_and_take(store: Database, ghost: Session) -> None:
    """End the lock's session, and have another one of the same name hold the lock before it can be taken again."""
    waiting = asyncio.ensure_future(ghost.connection.fetchval("SELECT pg_advisory_lock($1)", ADVISORY_KEY))
    await until_waiting(store)
    async with store.acquire() as session:
        await session.connection.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = $1 AND pid <> $2",
            session_name(OURSELVES),
            ghost.connection.get_server_pid(),
        )
    await waiting


def retries(lock: StoreLock) -> list[dict[str, object]]:
    """Tries to take the lock again that came to nothing."""
    [capture] = cast(Any, lock._log)._processors
    return [entry for entry in capture.entries if entry["event"] == LogEvent.RETRY_SCHEDULED]


@pytest.mark.parametrize("error", [CredentialsMissing("refused"), SetupError("gone"), CommitUnknown("lost")])
async def test_f30_whatever_a_restarted_server_answers_the_lock_is_tried_again(
    tmp_path: Path, store: Database, monkeypatch: pytest.MonkeyPatch, error: TriviaScraperError
) -> None:
    """Exit 12 would end the daemon for good: systemd does not start it again after that."""
    async with hold_store_lock(tmp_path, store, recording_log()) as lock:
        open_session, answers = lock._open_session, [error]

        async def open_in_the_end() -> Session:
            if answers:
                raise answers.pop()
            return await open_session()

        monkeypatch.setattr(lock, "_open_session", open_in_the_end)
        await cut(store)
        await until(lambda: not lock.is_held)
        await lock.until_held(20)
        assert lock.is_held
        assert [each["error"] for each in retries(lock)] == [error.message]


async def test_waiting_for_a_lost_lock_has_an_end(tmp_path: Path, store: Database) -> None:
    lock = StoreLock(store, OURSELVES, recording_log())
    await lock.until_held(0)
    assert not lock.is_held


async def test_a_state_directory_that_cannot_be(tmp_path: Path, store: Database) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SetupError, match="cannot be made"):
        await take(tmp_path / "file" / "state", store)


# --- pure ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "holder"),
    [
        ('{"pid": 12, "host": "a"}', Holder(12, "a")),
        ('{"pid": 12, "host": "a", "role": "daemon"}', Holder(12, "a", "daemon")),
        ('{"pid": 12, "host": "a", "role": "king"}', Holder(12, "a")),
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
    name = session_name(Holder(4194304, host, "scheduler"))
    read = holder_of_session(name)
    assert len(name.encode()) <= 63
    assert read.pid == 4194304
    assert read.role == "scheduler"
    assert host.startswith(read.host)
    assert read.host


@pytest.mark.parametrize(
    "name", ["", "psql", "trivia-scraper", "trivia-scraper lock x@y", "trivia-scraper lock king 1@y", "12@host"]
)
def test_other_session_names_tell_nothing(name: str) -> None:
    assert holder_of_session(name) == Holder(None, "")


def test_an_unknown_holder_is_told_as_such() -> None:
    assert str(Holder(None, "")) == "process unknown on host unknown"
