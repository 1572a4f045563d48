"""One refresh of an owner at a time over all machines (R40, R163). Implements `ports.OwnerLocks`.

Inside the process the usual locks; across machines session locks of Postgres, all of them on one connection beside
the pool, so that who waits or works holds none of the pool's. A session that ends lets its owners go, as a process
that dies does: then rows and files agree all the same, and a picture may be asked for twice.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from typing import Final

from trivia_scraper.domain.errors import DatabaseUnreachable, StorageUnavailable
from trivia_scraper.domain.log_events import LogEvent
from trivia_scraper.domain.models import OwnerKind
from trivia_scraper.ports import OwnerLocks
from trivia_scraper.storage.database import Database, Log
from trivia_scraper.storage.sessions import Session

LOOK_AGAIN_SECONDS: Final = 0.25


class SharedOwnerLocks:
    """Locks of this process first, then of all: two tasks of one session would not keep each other out."""

    def __init__(
        self, inner: OwnerLocks, database: Database, sleep: Callable[[float], Awaitable[None]], log: Log
    ) -> None:
        self._inner = inner
        self._database = database
        self._sleep = sleep
        self._log = log
        self._turn = asyncio.Lock()
        self._session: Session | None = None
        self._stack = AsyncExitStack()

    async def close(self) -> None:
        """Let every owner go."""
        if self._session is not None:
            self._session.discard()
        await self._stack.aclose()

    @asynccontextmanager
    async def hold(self, kind: OwnerKind, owner_id: int) -> AsyncIterator[None]:
        """Hold the owner. Callers take a venue before a performer, never the other way round."""
        owner = f"{kind} {owner_id}"
        async with self._inner.hold(kind, owner_id):
            session = await self._lock(owner)
            try:
                yield
            finally:
                await self._unlock(owner, session)

    async def _lock(self, owner: str) -> Session | None:
        """The session that holds it, or None without a database: then nothing is stored that could clash."""
        try:
            while True:
                async with self._turn:
                    session = await self._connected()
                    if await self._try(owner, session):
                        return session
                await self._sleep(LOOK_AGAIN_SECONDS)
        except (StorageUnavailable, DatabaseUnreachable) as error:
            self._log.debug(LogEvent.DATABASE_LOST, what="owner lock", error=str(error))
            return None

    async def _unlock(self, owner: str, session: Session | None) -> None:
        if session is None or session is not self._session or not session.is_usable():
            return
        try:
            with _all_or_no_session(session):
                async with self._turn:
                    await session.fetchval("owner_locks/unlock", owner)
        except (StorageUnavailable, DatabaseUnreachable) as error:
            self._log.debug(LogEvent.DATABASE_LOST, what="owner lock", error=str(error))

    async def _try(self, owner: str, session: Session) -> bool:
        with _all_or_no_session(session):
            return bool(await session.fetchval("owner_locks/try_lock", owner))

    async def _connected(self) -> Session:
        if self._session is None or not self._session.is_usable():
            await self._stack.aclose()
            self._session = await self._stack.enter_async_context(
                self._database.dedicated("trivia-scraper owner locks")
            )
        return self._session


@contextmanager
def _all_or_no_session(session: Session) -> Iterator[None]:
    """Whether an owner is held must not stay in doubt: only the end of the session lets such a one go."""
    try:
        yield
    except (asyncio.CancelledError, StorageUnavailable, DatabaseUnreachable):
        session.discard()
        raise
