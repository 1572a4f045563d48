"""One scheduler per store (safety.md 12): a file lock for this host, a session lock in Postgres for all hosts.

The epoch taken with the lock is stored with runs and intents; a write that checks it refuses a holder that
slept through the loss of its lock (F46). Losing the lock is told by `StoreLock.lost`: stop claiming then.
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from trivia_scraper.domain.errors import InstanceLocked, SetupError, StorageUnavailable
from trivia_scraper.domain.log_events import LogEvent
from trivia_scraper.storage.database import Database, Log
from trivia_scraper.storage.file_locks import open_lock_file, try_lock
from trivia_scraper.storage.sessions import Session

ADVISORY_KEY: Final = 0x7472_6976_6961_0002
CHECK_SECONDS: Final = 5.0

_NAME_PREFIX: Final = "trivia-scraper lock "
_NAME_LIMIT: Final = 63  # bytes of an application_name


@dataclass(frozen=True, slots=True)
class Holder:
    """The process that holds the store."""

    pid: int | None
    host: str

    def __str__(self) -> str:
        return f"process {self.pid or 'unknown'} on host {self.host or 'unknown'}"


@dataclass(frozen=True, slots=True)
class StoreLock:
    """The lock, held. `epoch` grows with every holder; `lost_event` is set once it is held no more."""

    epoch: int
    lost_event: asyncio.Event
    _session: Session = field(repr=False)

    @property
    def lost(self) -> bool:
        """Whether the session that held the lock has ended."""
        return self.lost_event.is_set()

    async def is_held(self) -> bool:
        """Ask the server. For a heartbeat and after a pause: a silent network tells no listener (F17, F43)."""
        if self.lost:
            return False
        try:
            async with asyncio.timeout(CHECK_SECONDS):
                held = bool(await self._session.fetchval("store_lock/still_held", ADVISORY_KEY))
        except (StorageUnavailable, TimeoutError):
            held = False
        if not held:
            self.lost_event.set()
            self._session.discard()
        return held


@asynccontextmanager
async def hold_store_lock(state_dir: Path, database: Database, log: Log) -> AsyncIterator[StoreLock]:
    """Hold the store of this state directory and this database, alone.

    Raises InstanceLocked (exit 11) that names the holder's pid and host, SetupError behind a pooler in
    transaction mode, DatabaseUnreachable. Needs the sequence `store_epoch` of the first migration.
    """
    ourselves = Holder(os.getpid(), socket.gethostname())
    with _hold_file(state_dir / "lock", ourselves):
        async with database.dedicated(session_name(ourselves)) as session:
            await _take_advisory_lock(session)
            lost = asyncio.Event()

            def mark_lost(_: object) -> None:
                lost.set()
                log.error(LogEvent.DATABASE_LOST, what="store lock")

            session.connection.add_termination_listener(mark_lost)
            try:
                yield StoreLock(await session.fetchval("store_lock/next_epoch"), lost, session)
            finally:
                if not lost.is_set():
                    session.connection.remove_termination_listener(mark_lost)
                    lost.set()


@contextmanager
def _hold_file(path: Path, ourselves: Holder) -> Iterator[None]:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SetupError(f"the directory of the lock file {path} cannot be made: {error.strerror}") from error
    descriptor = open_lock_file(path)
    try:
        if not try_lock(descriptor, exclusive=True):
            raise _locked_by(read_holder(path.read_text(encoding="utf-8")))
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, json.dumps({"pid": ourselves.pid, "host": ourselves.host}).encode(), 0)
        try:
            yield
        finally:
            os.ftruncate(descriptor, 0)
    finally:
        os.close(descriptor)


async def _take_advisory_lock(session: Session) -> None:
    backends = {await session.fetchval("session/backend_pid") for _ in range(3)}
    if len(backends) > 1:
        raise SetupError(
            "the database is behind a pooler in transaction mode, where a session lock means nothing",
            hint="point database.url at the server itself, or at a pool in session mode",
        )
    if not await session.fetchval("store_lock/try_lock", ADVISORY_KEY):
        raise _locked_by(holder_of_session(await session.fetchval("store_lock/holder", ADVISORY_KEY) or ""))


def _locked_by(holder: Holder) -> InstanceLocked:
    return InstanceLocked(
        f"another instance holds the store: {holder}",
        hint="wait for it or stop it; another [storage] path is another store",
    )


def read_holder(text: str) -> Holder:
    """What the lock file says; unknowns where its holder has not written it yet. Pure."""
    try:
        document = json.loads(text)
        return Holder(int(document["pid"]), str(document["host"]))
    except (ValueError, TypeError, KeyError):
        return Holder(None, "")


def session_name(holder: Holder) -> str:
    """The application_name under which other hosts see who holds the lock: at most 63 bytes. Pure."""
    return f"{_NAME_PREFIX}{holder.pid}@{holder.host}".encode()[:_NAME_LIMIT].decode(errors="ignore")


def holder_of_session(application_name: str) -> Holder:
    """`session_name` read backwards; unknowns for any other name. Pure."""
    pid, at, host = application_name.removeprefix(_NAME_PREFIX).partition("@")
    known = at and pid.isdigit() and application_name.startswith(_NAME_PREFIX)
    return Holder(int(pid), host) if known else Holder(None, "")
