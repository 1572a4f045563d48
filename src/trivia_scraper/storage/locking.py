"""One scheduler per store (safety.md 12): a file lock for this host, a session lock in Postgres for all hosts.

The epoch taken with the lock is checked by every transaction that writes (`epochs`), so a holder that slept through
the loss of its lock is refused (F46). A holder whose session ended (a restarted server, a cut connection) takes the
lock again by itself and goes on under the same epoch, unless somebody else was quicker: then it has to stop.
"""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from typing import Final

from trivia_scraper.domain.errors import (
    CommitUnknown,
    CredentialsMissing,
    InstanceLocked,
    SetupError,
    StorageFull,
    StorageUnavailable,
    TransientError,
    TriviaScraperError,
)
from trivia_scraper.domain.log_events import LogEvent
from trivia_scraper.storage.background import running_beside
from trivia_scraper.storage.database import Database, Log
from trivia_scraper.storage.epochs import fence_the_dead, release_epoch, resume_epoch, take_epoch
from trivia_scraper.storage.file_locks import open_lock_file, try_lock
from trivia_scraper.storage.holders import (
    Holder,
    Role,
    holder_document,
    holder_of_session,
    read_holder,
    session_name,
)
from trivia_scraper.storage.pg_errors import DRIVER_ERRORS
from trivia_scraper.storage.sessions import Session

ADVISORY_KEY: Final = 0x7472_6976_6961_0002
CHECK_SECONDS: Final = 5.0
RETAKE_SECONDS: Final = (0.1, 0.5, 1.0, 2.0)
"""Waits between tries to take a lost lock again; the last one repeats."""


class StoreLock:
    """The lock of one store. `epoch` stays the same for as long as this process holds it, interruptions included."""

    def __init__(self, database: Database, ourselves: Holder, log: Log) -> None:
        self._database = database
        self._ourselves = ourselves
        self._log = log
        self._session: Session | None = None
        self._stack = AsyncExitStack()
        self._held = asyncio.Event()
        self._lost = asyncio.Event()
        self.epoch = 0
        self.taken_by: InstanceLocked | None = None

    @property
    def is_held(self) -> bool:
        """Whether the session that holds the lock lives, as far as we have been told."""
        return self._held.is_set()

    @property
    def is_taken(self) -> bool:
        """Whether somebody else has the store now: this process must stop."""
        return self.taken_by is not None

    def raise_if_taken(self) -> None:
        """Raise InstanceLocked (exit 11) when somebody else has the store."""
        if self.taken_by is not None:
            raise self.taken_by

    async def until_held(self, longest_seconds: float | None) -> None:
        """Return when the lock is held, when somebody else has it, or after `longest_seconds` (None = no limit)."""
        try:
            async with asyncio.timeout(longest_seconds):
                await self._held.wait()
        except TimeoutError:
            return

    async def take(self) -> None:
        """Take it for the first time, and shut out who died with it. Raises InstanceLocked, SetupError."""
        session = await self._open_session()
        self.epoch = await take_epoch(session, _role(self._ourselves))
        await fence_the_dead(session)
        self._held.set()

    async def keep(self) -> None:
        """Watch the lock for ever, and take it again when it is lost; ends only when somebody else has it."""
        while not self.is_taken:
            if await self._is_lost():
                self._held.clear()
                self._log.error(LogEvent.DATABASE_LOST, what="store lock")
                await self._retake()

    async def give_back(self) -> None:
        """Write no more, and let others have it."""
        self._held.clear()
        if self._session is not None and self._session.is_usable() and not self._lost.is_set():
            try:
                await release_epoch(self._session, self.epoch)
            except TransientError as error:
                self._log.debug(LogEvent.DATABASE_LOST, what="store lock", error=str(error))
        await self._close_session()

    async def _is_lost(self) -> bool:
        """Wait until the session has ended, or until it is time to ask: a silent network tells no listener."""
        try:
            async with asyncio.timeout(CHECK_SECONDS):
                await self._lost.wait()
                return True
        except TimeoutError:
            return not await self._still_held()

    async def _still_held(self) -> bool:
        assert self._session is not None
        try:
            async with asyncio.timeout(CHECK_SECONDS):
                return bool(await self._session.fetchval("store_lock/still_held", ADVISORY_KEY))
        except (TriviaScraperError, TimeoutError):
            self._session.discard()
            return False

    async def _retake(self) -> None:
        for tries in range(1, 1_000_000):
            try:
                session = await self._open_session()
                await resume_epoch(session, self.epoch)
                await fence_the_dead(session)
            except InstanceLocked as error:
                self.taken_by = error
                self._held.set()  # nobody waits for what will not come: who goes on is refused by the fence
                return
            except (TransientError, CommitUnknown, CredentialsMissing, SetupError, StorageFull) as error:
                # Whatever a server says that was just restarted or moved: it may pass, or a person mends it there.
                wait = RETAKE_SECONDS[min(tries, len(RETAKE_SECONDS)) - 1]
                self._log.warning(
                    LogEvent.RETRY_SCHEDULED, what="store lock", attempt=tries, wait_seconds=wait, error=error.message
                )
                await asyncio.sleep(wait)
            else:
                self._held.set()
                self._log.info(LogEvent.DATABASE_BACK, what="store lock", epoch=self.epoch)
                return

    async def _open_session(self) -> Session:
        await self._close_session()
        session = await self._stack.enter_async_context(self._database.dedicated(session_name(self._ourselves)))
        self._session = session
        self._lost = lost = asyncio.Event()
        session.connection.add_termination_listener(lambda _: lost.set())
        await _refuse_pooler(session)
        if not await session.fetchval("store_lock/try_lock", ADVISORY_KEY):
            await self._tell_holder(session)
        return session

    async def _tell_holder(self, session: Session) -> None:
        """Raise InstanceLocked; StorageUnavailable while it is our own last session, which the server has not missed.

        A cut that no packet tells of leaves it there until the server's keep-alive gives it up (F43).
        """
        name = await session.fetchval("store_lock/holder", ADVISORY_KEY) or ""
        is_our_own = bool(self.epoch) and name == session_name(self._ourselves)
        if is_our_own and await session.fetchval("store_lock/may_write", self.epoch):
            raise StorageUnavailable("our own last session still has the store lock")
        raise _locked_by(holder_of_session(name))

    async def _close_session(self) -> None:
        self._session = None
        try:
            await self._stack.aclose()
        except (TransientError, *DRIVER_ERRORS) as error:
            self._log.debug(LogEvent.DATABASE_LOST, what="store lock", error=type(error).__name__)


@asynccontextmanager
async def hold_store_lock(
    state_dir: Path, database: Database, log: Log, role: Role = "run"
) -> AsyncIterator[StoreLock]:
    """Hold the store of this state directory and this database, alone, and keep holding it.

    Raises InstanceLocked (exit 11) that names the holder's role, pid and host, SetupError behind a pooler in
    transaction mode, DatabaseUnreachable.
    """
    ourselves = Holder(os.getpid(), socket.gethostname(), role)
    with _hold_file(state_dir / "lock", ourselves):
        lock = StoreLock(database, ourselves, log)
        try:
            await lock.take()
            async with running_beside(lock.keep()):
                yield lock
        finally:
            await lock.give_back()


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
        os.pwrite(descriptor, holder_document(ourselves).encode(), 0)
        try:
            yield
        finally:
            os.ftruncate(descriptor, 0)
    finally:
        os.close(descriptor)


async def _refuse_pooler(session: Session) -> None:
    backends = {await session.fetchval("session/backend_pid") for _ in range(3)}
    if len(backends) > 1:
        raise SetupError(
            "the database is behind a pooler in transaction mode, where a session lock means nothing",
            hint="point database.url at the server itself, or at a pool in session mode",
        )


def _locked_by(holder: Holder) -> InstanceLocked:
    return InstanceLocked(
        f"another instance holds the store: {holder}",
        hint="wait for it or stop it; another [storage] path is another store",
        holder_role=holder.role,
    )


def _role(holder: Holder) -> Role:
    role: Role = holder.role  # type: ignore[assignment]
    return role
