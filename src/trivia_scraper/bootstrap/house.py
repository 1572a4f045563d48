"""The open house: everything that works on the store, opened in order, held by one process, closed in reverse."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID

from structlog.typing import FilteringBoundLogger

from trivia_scraper.bootstrap.clocks import SystemClock
from trivia_scraper.bootstrap.shares import (
    database_settings,
    fetch_settings,
    imaging_settings,
    loaded_once,
    pipeline_settings,
    recovery_classes,
    worker_limits,
)
from trivia_scraper.bootstrap.stores import bring_schema_up, open_image_store, store_folder
from trivia_scraper.domain.outcomes import DetailOutcome, ImageOutcome, SourceReport
from trivia_scraper.fetching import open_fetcher
from trivia_scraper.imaging.inspector import PoolInspector
from trivia_scraper.pipeline.locks import KeyedLocks
from trivia_scraper.pipeline.provider_windows import RequestWindows
from trivia_scraper.ports import Clock, Fetcher, NoticeBook, OwnerLocks, Progress, RequestDesk, Services, WorkerPool
from trivia_scraper.providers.registry import PHOTO_PROVIDERS
from trivia_scraper.reading.reader import PooledReader
from trivia_scraper.roster import Roster, load_roster
from trivia_scraper.settings import Settings
from trivia_scraper.storage.archive import PageArchive
from trivia_scraper.storage.background import running_beside
from trivia_scraper.storage.catalog import PostgresCatalog
from trivia_scraper.storage.cleaning import PostgresCleanupLog
from trivia_scraper.storage.crash_recovery import recover
from trivia_scraper.storage.database import Database, open_database
from trivia_scraper.storage.enrichment import PostgresEnrichment
from trivia_scraper.storage.epochs import has_workers
from trivia_scraper.storage.history import PostgresHistory
from trivia_scraper.storage.holders import Role
from trivia_scraper.storage.host_turns import PostgresHostTurns
from trivia_scraper.storage.ledger import PostgresLedger
from trivia_scraper.storage.listening import listen
from trivia_scraper.storage.locking import StoreLock, hold_store_lock
from trivia_scraper.storage.lookups import PostgresPlaceLookups
from trivia_scraper.storage.notices import PostgresNoticeBook
from trivia_scraper.storage.owner_locks import SharedOwnerLocks
from trivia_scraper.storage.ownership import own_store
from trivia_scraper.storage.photos import PostgresPhotos
from trivia_scraper.storage.provider_memory import PostgresProviderMemory
from trivia_scraper.storage.quarantine import PostgresQuarantine
from trivia_scraper.storage.recovering import PostgresRecoveries, requeue_unfinished
from trivia_scraper.storage.requests import PostgresRequestDesk
from trivia_scraper.storage.reviewing import PostgresReviews
from trivia_scraper.storage.runs import PostgresRunLog
from trivia_scraper.storage.slots import PostgresSlotBook
from trivia_scraper.storage.stats import PostgresStatistics
from trivia_scraper.storage.status_figures import PostgresStatusFigures
from trivia_scraper.storage.stores import ImageStore
from trivia_scraper.workers.pool import KillableWorkers, open_workers

NO_RUN: Final = UUID(int=0)
"""The run of services that no run has taken yet."""


class NoProgress:
    """Implements `ports.Progress` for work that nobody watches."""

    def source_planned(self, source: str, planned: int, listed: int) -> None:
        """Nobody is told."""

    def detail_finished(self, source: str, outcome: DetailOutcome) -> None:
        """Nobody is told."""

    def image_finished(self, source: str, outcome: ImageOutcome) -> None:
        """Nobody is told."""

    def source_finished(self, source: str, report: SourceReport) -> None:
        """Nobody is told."""


@dataclass(frozen=True, slots=True)
class House:
    """The store, held. `database` writes under the holder's number; `services` are those of its settings."""

    settings: Settings
    roster: Roster
    services: Services
    database: Database
    files: ImageStore
    workers: KillableWorkers
    lock: StoreLock
    requests: RequestDesk
    notices: NoticeBook
    status_figures: PostgresStatusFigures

    async def ping(self) -> None:
        """Ask the database for nothing. Raises DatabaseUnreachable, StorageUnavailable."""
        await self.database.fetchval("session/backend_pid")

    def listening(self, channel: str, woken: Callable[[], None]) -> AbstractAsyncContextManager[None]:
        """Call `woken` for each notification on a channel, and whenever some may have been missed."""
        return running_beside(listen(self.database, channel, woken, self.services.log))

    def with_settings(self, settings: Settings) -> House:
        """The same house under other settings, as far as nothing has to be opened anew for them."""
        roster, database = load_roster(settings), self.database
        classes = recovery_classes(settings)
        services = replace(
            self.services,
            settings=pipeline_settings(settings, roster),
            sources=roster.sources,
            recoveries=PostgresRecoveries(database, classes),
            history=PostgresHistory(database, PostgresStatistics(database, classes)),
            photos=_photos(settings, database, self.lock.epoch, self.files),
        )
        return replace(self, settings=settings, roster=roster, services=services)


@asynccontextmanager
async def open_house(
    settings: Settings,
    *,
    role: Role,
    run_id: UUID,
    progress: Progress,
    log: FilteringBoundLogger,
    stopping: Callable[[], bool],
    longest_wait_seconds: float | None,
    clock: Clock | None = None,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> AsyncIterator[House]:
    """Database (migrated), store lock, image store (recovered), HTTP, workers.

    longest_wait_seconds  how long work waits for a lost lock before it goes on and fails; None = for ever
    clock, sleep          None = the machine's; `sleep` waits so many seconds of the clock's
    Raises DatabaseUnreachable, SchemaTooNew, InstanceLocked, StorageFull, SetupError, and what the image store
    refuses, before any work is done.
    """
    clock, roster = clock or SystemClock(), load_roster(settings)
    async with (
        open_image_store(settings, log) as files,
        open_database(database_settings(settings), log) as opened,
    ):
        await bring_schema_up(opened, log)
        async with hold_store_lock(store_folder(settings), opened, log, role) as lock:
            database = opened.fenced(lock.epoch)
            await own_store(files, database, log)
            is_shared = role == "scheduler" or await has_workers(opened)
            await recover(PostgresLedger(database, lock.epoch, clock), files, log, shares_staging=is_shared)
            await requeue_unfinished(database, clock.now())
            async with (
                open_fetcher(
                    fetch_settings(settings, roster),
                    clock=clock,
                    sleep=sleep,
                    random=random.random,
                    log=log,
                    turns=PostgresHostTurns(opened) if is_shared else None,
                ) as fetcher,
                open_owner_locks(opened, log, shared=is_shared) as locks,
                open_workers(worker_limits(settings), log, loaded_once=loaded_once(roster)) as workers,
            ):
                services = build_services(
                    settings, roster, database, lock.epoch, files, fetcher, workers, log, clock, sleep,
                    reads_in_loop=role == "run",
                )  # fmt: skip
                yield House(
                    settings=settings,
                    roster=roster,
                    services=replace(
                        services,
                        run_id=run_id,
                        progress=progress,
                        locks=locks,
                        stopping=lambda: stopping() or lock.is_taken,
                        gate=lambda: lock.until_held(longest_wait_seconds),
                    ),
                    database=database,
                    files=files,
                    workers=workers,
                    lock=lock,
                    requests=PostgresRequestDesk(database, lock.epoch),
                    notices=PostgresNoticeBook(database),
                    status_figures=PostgresStatusFigures(opened, recovery_classes(settings)),
                )


@asynccontextmanager
async def open_owner_locks(
    database: Database, log: FilteringBoundLogger, *, shared: bool
) -> AsyncIterator[OwnerLocks]:
    """Locks of owners in this process; `shared`: over all machines."""
    if not shared:
        yield KeyedLocks()
        return
    locks = SharedOwnerLocks(KeyedLocks(), database, asyncio.sleep, log)
    try:
        yield locks
    finally:
        await locks.close()


def build_services(
    settings: Settings,
    roster: Roster,
    database: Database,
    epoch: int,
    files: ImageStore,
    fetcher: Fetcher,
    workers: WorkerPool,
    log: FilteringBoundLogger,
    clock: Clock,
    sleep: Callable[[float], Awaitable[None]],
    *,
    reads_in_loop: bool = False,
) -> Services:
    """The pipeline's services over what is open; who builds them adds the run's id, its progress and its end.

    reads_in_loop  short pages are read in this process: what a command does, and whoever lives long does not
    """
    classes = recovery_classes(settings)
    return Services(
        settings=pipeline_settings(settings, roster),
        run_id=NO_RUN,
        fetcher=fetcher,
        reader=PooledReader(workers, in_loop=reads_in_loop),
        inspector=PoolInspector(workers, imaging_settings(settings)),
        files=files,
        runs=PostgresRunLog(database, epoch),
        catalog=PostgresCatalog(database, epoch, files.missing),
        ledger=PostgresLedger(database, epoch, clock),
        photos=_photos(settings, database, epoch, files),
        memory=PostgresProviderMemory(database),
        recoveries=PostgresRecoveries(database, classes),
        windows=RequestWindows(),
        enrichment=PostgresEnrichment(database),
        cleaning=PostgresCleanupLog(database),
        slots=PostgresSlotBook(database, epoch),
        quarantine=PostgresQuarantine(database, files, epoch),
        history=PostgresHistory(database, PostgresStatistics(database, classes)),
        reviews=PostgresReviews(database, epoch),
        lookups=PostgresPlaceLookups(database),
        archive=PageArchive(store_folder(settings) / "unread-pages"),
        progress=NoProgress(),
        locks=KeyedLocks(),
        sources=roster.sources,
        providers=PHOTO_PROVIDERS,
        clock=clock,
        sleep=sleep,
        random=random.random,
        stopping=lambda: False,
        log=log,
    )


def _photos(settings: Settings, database: Database, epoch: int, files: ImageStore) -> PostgresPhotos:
    return PostgresPhotos(database, epoch, files.missing, settings.enrichment.same_photo_bits)
