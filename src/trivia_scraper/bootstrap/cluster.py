"""What the roles of several machines need beside the house: the queue, shared turns at hosts, a worker's own house.

The only module that loads the queue's library, and only when a role asks for it.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol, TypeAlias

from structlog.typing import FilteringBoundLogger

from trivia_scraper.bootstrap.clocks import SystemClock
from trivia_scraper.bootstrap.house import build_services
from trivia_scraper.bootstrap.shares import (
    database_settings,
    fetch_settings,
    loaded_once,
    recovery_classes,
    worker_limits,
)
from trivia_scraper.bootstrap.stores import bring_schema_up, open_image_store
from trivia_scraper.domain.errors import SetupError, StoreFenced
from trivia_scraper.domain.log_events import LogEvent
from trivia_scraper.domain.queued_jobs import Delivery, Ending
from trivia_scraper.fetching import open_fetcher
from trivia_scraper.pipeline.queued_work import QueuedWork
from trivia_scraper.ports import Fetcher, Services, WorkerPool
from trivia_scraper.roster import Roster, load_roster
from trivia_scraper.settings import Settings
from trivia_scraper.storage.database import Database, open_database
from trivia_scraper.storage.epochs import join_store
from trivia_scraper.storage.host_turns import PostgresHostTurns
from trivia_scraper.storage.owner_locks import SharedOwnerLocks
from trivia_scraper.storage.ownership import own_store
from trivia_scraper.storage.status_figures import PostgresStatusFigures
from trivia_scraper.storage.stores import ImageStore
from trivia_scraper.workers.pool import open_workers

Perform: TypeAlias = Callable[[Delivery], Awaitable[Ending]]

if TYPE_CHECKING:
    from trivia_scraper.storage.queue import PostgresQueue
    from trivia_scraper.storage.spreading import PostgresSpreadBook


@dataclass(frozen=True, slots=True)
class Cluster:
    """What the scheduler fills and the workers empty."""

    queue: PostgresQueue
    book: PostgresSpreadBook


def refuse_alone(settings: Settings) -> None:
    """Raise SetupError, saying how to mend it, where these settings cannot serve several machines."""
    if settings.database.is_embedded:
        raise SetupError(
            "the embedded database serves one machine only: a scheduler and its workers need a server",
            hint='set database.url to a server\'s DSN, or run `trivia-scraper daemon` in its usual role, "all"',
        )
    if settings.storage.kind == "local" and not settings.daemon.shared_folder:
        raise SetupError(
            "pictures in a local folder are out of the other machines' reach",
            hint='set storage.kind to "s3" or "imagekit"; or, if storage.path is one folder that every machine '
            "mounts, daemon.shared_folder = true",
        )


async def open_cluster(database: Database, log: FilteringBoundLogger) -> Cluster:
    """The queue, made or brought up to date, and the book of what is spread. `database` may be fenced.

    Raises SetupError without the extra `cluster`.
    """
    try:
        from trivia_scraper.storage.queue import PostgresQueue, install_queue
        from trivia_scraper.storage.spreading import PostgresSpreadBook
    except ImportError as error:
        if not (error.name or "").startswith(("pgqueuer", "croniter")):
            raise
        raise SetupError(
            "the roles of several machines need a package that is not installed",
            hint="pip install 'trivia-scraper[cluster]'",
        ) from error
    await install_queue(database)
    queue = PostgresQueue(database, log)
    return Cluster(queue, PostgresSpreadBook(database, queue))


class WorkOnlooker(Protocol):
    """Whoever has a worker work: when it is to end, and what is to be told of it."""

    def stopping(self) -> bool:
        """Whether no job is to be taken up."""

    async def wait_for_stop(self) -> None:
        """Return when `stopping` has become true."""

    def beat(self) -> None:
        """The worker is alive."""

    def joined(self, epoch: int | None) -> None:
        """It writes under this number now; None = under none."""

    def metered(self, services: Services) -> Services:
        """The same services, watched."""

    def watched(self, perform: Perform) -> Perform:
        """The same deed, watched."""


@dataclass(frozen=True, slots=True)
class WorkerHouse:
    """Everything that a worker keeps open. It does not hold the store; under which number it writes may change."""

    settings: Settings
    roster: Roster
    database: Database
    files: ImageStore
    fetcher: Fetcher
    workers: WorkerPool
    status_figures: PostgresStatusFigures
    log: FilteringBoundLogger

    async def ping(self) -> None:
        """Ask the database for nothing. Raises DatabaseUnreachable, StorageUnavailable."""
        await self.database.fetchval("session/backend_pid")

    def with_settings(self, settings: Settings) -> WorkerHouse:
        """The same house under other settings, as far as nothing has to be opened anew for them."""
        return replace(self, settings=settings, roster=load_roster(settings))

    async def work(self, onlooker: WorkOnlooker) -> None:
        """Take jobs and do them until a stop is asked for.

        A worker that was shut out - it slept, or its session broke while a new scheduler started - joins anew.
        """
        from trivia_scraper.storage.queue_engine import QueueEngine

        while not onlooker.stopping():
            engine = QueueEngine(
                self.database, stopping=onlooker.stopping, wait_for_stop=onlooker.wait_for_stop, log=self.log
            )
            async with self._joined(onlooker) as (services, cluster):
                work = QueuedWork(cluster.book, replace(onlooker.metered(services), stopping=engine.is_leaving))
                try:
                    await engine.run(
                        onlooker.watched(work.perform), beat=onlooker.beat, sleep=asyncio.sleep, random=random.random,
                        monotonic=services.clock.monotonic,
                    )  # fmt: skip
                except StoreFenced as error:
                    self.log.warning(LogEvent.QUEUE_LOST, error=error.message, wait_seconds=0.0)

    @asynccontextmanager
    async def _joined(self, onlooker: WorkOnlooker) -> AsyncIterator[tuple[Services, Cluster]]:
        async with AsyncExitStack() as stack:
            epoch = await stack.enter_async_context(join_store(self.database, "worker"))
            onlooker.joined(epoch)
            stack.callback(onlooker.joined, None)
            fenced = self.database.fenced(epoch)
            services = build_services(
                self.settings, self.roster, fenced, epoch, self.files, self.fetcher, self.workers, self.log,
                SystemClock(), asyncio.sleep,
            )  # fmt: skip
            locks = SharedOwnerLocks(services.locks, self.database, asyncio.sleep, self.log)
            stack.push_async_callback(locks.close)
            yield replace(services, locks=locks), await open_cluster(fenced, self.log)


@asynccontextmanager
async def open_worker_house(settings: Settings, log: FilteringBoundLogger) -> AsyncIterator[WorkerHouse]:
    """Database (migrated), image store, HTTP with turns that all machines share, worker processes; no store lock.

    Raises SetupError as `refuse_alone` and `open_cluster` do, DatabaseUnreachable, SchemaTooNew, StorageFull, and
    what the image store refuses.
    """
    refuse_alone(settings)
    roster = load_roster(settings)
    async with (
        open_image_store(settings, log) as files,
        open_database(database_settings(settings), log) as database,
    ):
        await bring_schema_up(database, log)
        await open_cluster(database, log)
        await own_store(files, database, log)
        async with (
            open_fetcher(
                fetch_settings(settings, roster),
                clock=SystemClock(),
                sleep=asyncio.sleep,
                random=random.random,
                log=log,
                turns=PostgresHostTurns(database),
            ) as fetcher,
            open_workers(worker_limits(settings), log, loaded_once=loaded_once(roster)) as workers,
        ):
            figures = PostgresStatusFigures(database, recovery_classes(settings))
            yield WorkerHouse(settings, roster, database, files, fetcher, workers, figures, log)
