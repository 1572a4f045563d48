"""The door to Postgres: a small pool, transactions whose COMMIT is told apart, and no error of asyncpg's."""

from __future__ import annotations

import asyncio
import copy
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from dataclasses import replace
from typing import Any, Final, Self, TypeAlias, cast

import asyncpg
import structlog

from trivia_scraper.domain.errors import StorageUnavailable, StoreFenced, TriviaScraperError
from trivia_scraper.domain.gauges import PoolFigures
from trivia_scraper.domain.log_events import LogEvent
from trivia_scraper.storage.connecting import (
    EMBEDDED,
    Connection,
    DatabaseSettings,
    Endpoint,
    connect,
    endpoint_of_url,
)
from trivia_scraper.storage.embedded import run_embedded
from trivia_scraper.storage.pg_errors import ASYNCPG_ERRORS, DRIVER_ERRORS, Phase, is_lost, translate
from trivia_scraper.storage.sessions import Session

CLOSE_SECONDS: Final = 5.0
RELEASE_SECONDS: Final = 5.0

Log = structlog.typing.FilteringBoundLogger
Pool: TypeAlias = "asyncpg.Pool[asyncpg.Record]"


class Database:
    """A pool of at most `pool_max` connections to one database. Built by `open_database` only."""

    def __init__(
        self,
        endpoint: Endpoint,
        settings: DatabaseSettings,
        pool: Pool,
        log: Log,
        figures: PoolFigures | None = None,
    ) -> None:
        self.endpoint = endpoint
        self.settings = settings
        self._pool = pool
        self._figures = figures or PoolFigures()
        self._log = log
        # Waiting for a free place is counted apart from connecting, so that an exhausted pool (F37) is
        # never mistaken for a database that is away (F30).
        self._places = asyncio.Semaphore(settings.pool_max)
        self._epoch: int | None = None

    def fenced(self, epoch: int) -> Self:
        """The same pool for a process that writes under this number (`epochs`).

        Every transaction asks first whether the number still counts, and every statement by itself becomes one.
        """
        fenced = copy.copy(self)
        fenced._epoch = epoch
        return fenced

    def pool_figures(self) -> PoolFigures:
        """How busy the pool is, and what it went through since it was opened."""
        size, idle = self._pool.get_size(), self._pool.get_idle_size()
        return replace(self._figures, in_use=size - idle, idle=idle)

    @asynccontextmanager
    async def acquire(self) -> AsyncIterator[Session]:
        """Lend a connection outside any transaction.

        Raises StorageUnavailable when none comes free within acquire_timeout_seconds, DatabaseUnreachable
        when it cannot be made.
        """
        await self._take_place()
        try:
            session = Session(await self._checkout())
            try:
                yield session
            except ASYNCPG_ERRORS as error:  # an OSError of the body's own is none of our business
                if is_lost(error):
                    session.discard()
                raise translate(error, Phase.QUERY) from error
            finally:
                await self._give_back(session)
        finally:
            self._places.release()

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Session]:
        """Lend a connection inside a transaction: committed when the body ends, rolled back when it raises.

        Raises CommitUnknown when the connection is lost during COMMIT and StorageUnavailable when it is
        lost before (F31): then nothing was stored. StoreFenced when this process may not write any more (F46).
        """
        async with self.acquire() as session:
            await session.begin()
            try:
                await self._check_fence(session)
                yield session
            except BaseException:
                await session.roll_back()
                raise
            await session.commit()

    async def fetch(self, name: str, *arguments: object) -> Sequence[asyncpg.Record]:
        """All rows of a named query that only reads."""
        async with self.acquire() as session:
            return await session.fetch(name, *arguments)

    async def fetchrow(self, name: str, *arguments: object) -> asyncpg.Record | None:
        """The first row or None of a named query that only reads."""
        async with self.acquire() as session:
            return await session.fetchrow(name, *arguments)

    async def fetchval(self, name: str, *arguments: object) -> Any:
        """The first value or None of a named query that only reads."""
        async with self.acquire() as session:
            return await session.fetchval(name, *arguments)

    async def execute(self, name: str, *arguments: object) -> int:
        """Rows touched by a named statement that is a transaction by itself.

        Raises CommitUnknown when the connection is lost before the answer: it may have been applied.
        """
        if self._epoch is not None:
            async with self.transaction() as session:
                return await session.execute(name, *arguments)
        async with self.acquire() as session:
            return await session.execute_alone(name, *arguments)

    @asynccontextmanager
    async def dedicated(self, application_name: str) -> AsyncIterator[Session]:
        """A connection of its own beside the pool, for session locks and migrations."""
        session = Session(await connect(self.endpoint, self.settings, application_name))
        try:
            yield session
        except ASYNCPG_ERRORS as error:
            raise translate(error, Phase.QUERY) from error
        finally:
            await _close_quietly(session)

    async def is_behind_transaction_pooler(self) -> bool:
        """Whether two statements of one session land on two backends: session locks mean nothing then."""
        async with self.dedicated(self.settings.application_name) as session:
            pids = {await session.fetchval("session/backend_pid") for _ in range(5)}
        return len(pids) > 1

    async def close(self) -> None:
        """Close the pool within CLOSE_SECONDS, by force if need be."""
        try:
            async with asyncio.timeout(CLOSE_SECONDS):
                await self._pool.close()
        except DRIVER_ERRORS:
            self._pool.terminate()

    async def _check_fence(self, session: Session) -> None:
        if self._epoch is not None and not await session.fetchval("store_lock/may_write", self._epoch):
            raise StoreFenced(
                f"another instance took the store over: number {self._epoch} may not write any more",
                hint="`trivia-scraper status` says who has it",
            )

    async def _take_place(self) -> None:
        if self._places.locked():
            self._figures.waits += 1
            started = time.monotonic()
            try:
                await self._wait_for_place()
            finally:
                self._figures.waited_seconds += time.monotonic() - started
        else:
            await self._wait_for_place()

    async def _wait_for_place(self) -> None:
        try:
            async with asyncio.timeout(self.settings.acquire_timeout_seconds):
                await self._places.acquire()
        except TimeoutError as error:
            raise StorageUnavailable(
                f"database: no connection came free within {self.settings.acquire_timeout_seconds:g} s"
            ) from error

    async def _checkout(self) -> Any:
        try:
            return await self._pool.acquire()
        except DRIVER_ERRORS as error:
            raise translate(error, Phase.CONNECT) from error

    async def _give_back(self, session: Session) -> None:
        self._figures.is_lost |= not session.is_usable()
        if session.is_usable() and not session.is_idle():
            session.discard()
        try:
            await self._pool.release(cast(Any, session.connection), timeout=RELEASE_SECONDS)
        except DRIVER_ERRORS as error:
            # What the session did is already committed or rolled back: a connection that dies on its way
            # home must not turn a success into a failure. The pool has dropped it.
            self._log.debug(LogEvent.DATABASE_LOST, what="pooled connection", error=type(error).__name__)


async def _nothing_to_reset(_: object) -> None:
    # No query of ours leaves anything in a session (settings are made at connect, locks end with their
    # transaction), and an open transaction is noticed before: asyncpg's own reset would be a round trip each.
    return


async def _close_quietly(session: Session) -> None:
    try:
        if session.is_usable():
            await session.connection.close(timeout=CLOSE_SECONDS)
    except DRIVER_ERRORS:
        session.discard()


@asynccontextmanager
async def open_database(settings: DatabaseSettings, log: Log) -> AsyncIterator[Database]:
    """Open the database of the settings, starting the embedded server when the URL says "embedded".

    The first connection is made here, so that DatabaseUnreachable, CredentialsMissing and SetupError come
    at once and not with the first query.
    """
    async with _endpoint(settings, log) as endpoint:
        figures = PoolFigures()
        database = Database(endpoint, settings, await _open_pool(endpoint, settings, figures), log, figures)
        try:
            await database.fetchval("session/backend_pid")
            yield database
        finally:
            await database.close()


async def _open_pool(endpoint: Endpoint, settings: DatabaseSettings, figures: PoolFigures) -> Pool:
    async def connect_for_pool(*_: object, **__: object) -> Connection:
        try:
            connection = await connect(endpoint, settings, settings.application_name)
        except TriviaScraperError:
            figures.is_lost = True
            raise
        figures.reconnects += figures.is_lost
        figures.is_lost = False
        return connection

    return await asyncpg.create_pool(
        connect=connect_for_pool, min_size=0, max_size=settings.pool_max, reset=_nothing_to_reset
    )


def _endpoint(settings: DatabaseSettings, log: Log) -> AbstractAsyncContextManager[Endpoint]:
    if settings.url != EMBEDDED:
        return nullcontext(endpoint_of_url(settings.url))
    return _embedded_endpoint(settings, log)


@asynccontextmanager
async def _embedded_endpoint(settings: DatabaseSettings, log: Log) -> AsyncIterator[Endpoint]:
    server_options = settings.server_options
    async with run_embedded(settings.data_dir, settings.embedded_bin_dir, log, server_options) as server:
        yield server.endpoint()
