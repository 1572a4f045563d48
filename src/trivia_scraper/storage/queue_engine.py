"""Takes jobs from the queue and has them done, for as long as a worker lives (engine.md 2).

A life is a fresh pool and a fresh queue manager; when one breaks, both are closed and others begin after a wait. No
signal is taken here: whoever runs this asks for its end through `stopping`.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Final, TypeAlias

import asyncpg
from pgqueuer.adapters.drivers.asyncpg import AsyncpgPoolDriver
from pgqueuer.adapters.persistence.queries import Queries
from pgqueuer.core.qm import QueueManager
from pgqueuer.domain.errors import PgqException, RetryRequested
from pgqueuer.domain.models import Job
from structlog.typing import FilteringBoundLogger

from trivia_scraper.domain.errors import SetupError, StoreFenced
from trivia_scraper.domain.log_events import LogEvent
from trivia_scraper.domain.queued_jobs import JOB_KINDS, MOST_RETURNS, Delivery, Ended, Ending, job_from_json
from trivia_scraper.domain.redaction import redact_text
from trivia_scraper.policy.retrying import queue_wait_seconds
from trivia_scraper.storage.connecting import COMMAND_GRACE_SECONDS, session_settings
from trivia_scraper.storage.database import CLOSE_SECONDS, Database
from trivia_scraper.storage.pg_errors import DRIVER_ERRORS
from trivia_scraper.storage.queue import NAMES, queries_over

Perform: TypeAlias = Callable[[Delivery], Awaitable[Ending]]

JOBS_AT_ONCE: Final = 5
MOST_JOBS: Final = 20
DEAD_AFTER: Final = dt.timedelta(seconds=10)
LOOK_EVERY: Final = dt.timedelta(seconds=5)
FIRST_WAIT_SECONDS: Final = 0.5
LONGEST_WAIT_SECONDS: Final = 15.0
CALM_SECONDS: Final = 60.0
CRASH_WAIT_SECONDS: Final = 5.0
ONE_AT_A_TIME: Final = frozenset({"requests", "verification", "enrichment"})
"""Kinds of which all machines together do one at a time: photo providers have limits that no machine sees whole."""

_POOL_MAX: Final = 4


class JobHeld(Exception):
    """Ends a job so that the library keeps it for a person, instead of forgetting it."""


class QueueEngine:
    """One worker's hands. `perform` does a job and says how it ended; it must heed `is_leaving`."""

    def __init__(
        self,
        database: Database,
        *,
        stopping: Callable[[], bool],
        wait_for_stop: Callable[[], Awaitable[None]],
        log: FilteringBoundLogger,
    ) -> None:
        self._database = database
        self._stopping = stopping
        self._wait_for_stop = wait_for_stop
        self._log = log
        self._leaving = asyncio.Event()
        self._doing: set[asyncio.Task[object]] = set()
        self._fenced: StoreFenced | None = None

    def is_leaving(self) -> bool:
        """Whether jobs should be given back as soon as may be."""
        return self._leaving.is_set() or self._stopping()

    async def run(
        self,
        perform: Perform,
        *,
        beat: Callable[[], None],
        sleep: Callable[[float], Awaitable[object]],
        random: Callable[[], float],
        monotonic: Callable[[], float],
    ) -> None:
        """Take and do jobs until a stop is asked for. Raises StoreFenced when this worker may write no more."""
        lost_in_row = 0
        while not self.is_leaving():
            began = monotonic()
            try:
                await self._one_life(perform, beat)
            except* (PgqException, RuntimeError, *DRIVER_ERRORS) as broken:
                lost_in_row = 1 if monotonic() - began >= CALM_SECONDS else lost_in_row + 1
                wait = engine_wait_seconds(lost_in_row, random())
                self._log.warning(
                    LogEvent.QUEUE_LOST, error=redact_text(_first_words(broken)), wait_seconds=round(wait, 1)
                )
                beat()
                await sleep(wait)
            if self._fenced is not None:
                raise self._fenced

    async def _one_life(self, perform: Perform, beat: Callable[[], None]) -> None:
        async with _open_pool(self._database) as pool:
            queries = queries_over(AsyncpgPoolDriver(pool))
            manager = QueueManager(queries, NAMES.channel)
            for kind in JOB_KINDS:
                limit = 1 if kind in ONE_AT_A_TIME else 0
                manager.entrypoint(kind, concurrency_limit=limit, accepts_context=False, on_failure="hold")(
                    self._handler(manager, queries, perform)
                )
            self._log.info(LogEvent.QUEUE_JOINED)
            async with asyncio.TaskGroup() as group:
                beside = [group.create_task(self._watch(manager)), group.create_task(_beat_steadily(beat))]
                group.create_task(_serve(manager, beside))

    async def _watch(self, manager: QueueManager) -> None:
        """End the manager at a stop. Cancelled, then or before, it cuts what is being done: that is queued again."""
        try:
            await self._wait_for_stop()
            self._leaving.set()
            manager.shutdown.set()
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            for task in self._doing:
                task.cancel()
            raise
        finally:
            manager.shutdown.set()

    def _handler(self, manager: QueueManager, queries: Queries, perform: Perform) -> Callable[[Job], Awaitable[None]]:
        async def handle(job: Job) -> None:
            task = asyncio.current_task()
            assert task is not None
            self._doing.add(task)
            try:
                ending = await self._perform(job, await _deaths(job, queries), perform, manager)
            except asyncio.CancelledError:
                # The library would take a cancelled job for one that nobody wants, and forget it.
                raise RetryRequested(reason="the worker stopped") from None
            finally:
                self._doing.discard(task)
            if ending.ended is Ended.AGAIN:
                raise RetryRequested(dt.timedelta(seconds=ending.delay_seconds), ending.why)
            if ending.ended is Ended.HELD:
                raise JobHeld(ending.why)

        return handle

    async def _perform(self, job: Job, deaths: int, perform: Perform, manager: QueueManager) -> Ending:
        try:
            delivery = Delivery(job_from_json(job.payload or b""), deaths, job.attempts)
        except SetupError as error:
            if job.attempts < MOST_RETURNS:  # of another version than ours: theirs is for it
                self._log.warning(LogEvent.QUEUE_JOB_RETURNED, job=job.id, kind=job.entrypoint, why=error.message)
                return Ending(Ended.AGAIN, queue_wait_seconds(job.attempts), error.message)
            self._log.error(LogEvent.QUEUE_JOB_HELD, job=job.id, kind=job.entrypoint, error=error.message)
            return Ending(Ended.HELD, why=error.message)
        try:
            return await perform(delivery)
        except StoreFenced as fenced:
            self._fenced = fenced
            self._leaving.set()
            manager.shutdown.set()
            return Ending(Ended.AGAIN, why="this worker may write no more")
        except Exception as error:  # noqa: BLE001 - one job never takes the others with it; it comes again, and is held
            self._log.error(LogEvent.QUEUE_JOB_CRASHED, job=delivery.job.name, exc_info=error)
            return Ending(Ended.AGAIN, CRASH_WAIT_SECONDS, f"unexpected {type(error).__name__}")


async def _serve(manager: QueueManager, beside: Sequence[asyncio.Task[None]]) -> None:
    try:
        await manager.run(
            batch_size=JOBS_AT_ONCE,
            max_concurrent_tasks=MOST_JOBS,
            heartbeat_timeout=DEAD_AFTER,
            dequeue_timeout=LOOK_EVERY,
            shutdown_on_listener_failure=True,
            log_aggregation_interval=dt.timedelta(0),
        )
    finally:
        for task in beside:
            task.cancel()


async def _deaths(job: Job, queries: Queries) -> int:
    """How often it was begun by somebody who neither finished it nor gave it back."""
    history = await queries.job_log_history(job.id)
    return max(0, sum(line.status == "picked" for line in history) - 1 - job.attempts)


async def _beat_steadily(beat: Callable[[], None]) -> None:
    while True:
        beat()
        await asyncio.sleep(LOOK_EVERY.total_seconds())


@asynccontextmanager
async def _open_pool(database: Database) -> AsyncIterator[asyncpg.Pool[asyncpg.Record]]:
    # Not our own pool: the library listens on a connection, and reads JSON as the text that it wrote.
    settings = database.settings
    pool = await asyncpg.create_pool(
        **database.endpoint.arguments,
        min_size=1,
        max_size=_POOL_MAX,
        timeout=settings.acquire_timeout_seconds,
        command_timeout=settings.statement_timeout_seconds + COMMAND_GRACE_SECONDS,
        server_settings=session_settings(settings, "trivia-scraper queue"),
    )
    try:
        yield pool
    finally:
        try:
            async with asyncio.timeout(CLOSE_SECONDS):
                await pool.close()
        except DRIVER_ERRORS:
            pool.terminate()


def engine_wait_seconds(lost_in_row: int, chance: float) -> float:
    """How long after the n-th loss in a row the next life begins: 0.5, 1, 2 … 15 s, up to a quarter more. Pure."""
    wait = min(FIRST_WAIT_SECONDS * 2.0 ** (min(lost_in_row, 10) - 1), LONGEST_WAIT_SECONDS)
    return min(wait * (1 + chance / 4), LONGEST_WAIT_SECONDS)


def _first_words(group: BaseExceptionGroup[BaseException]) -> str:
    error: BaseException = group
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return f"{type(error).__name__}: {error}"
