"""Everything opened in order, and closed in reverse: what a run, a reader and a report need."""

from __future__ import annotations

import asyncio
import datetime as dt
import random
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias
from uuid import UUID

from structlog.typing import FilteringBoundLogger

from trivia_scraper import __version__
from trivia_scraper.bootstrap.shares import (
    database_settings,
    fetch_settings,
    imaging_settings,
    loaded_once,
    photo_settings,
    pipeline_settings,
    recovery_classes,
    worker_limits,
)
from trivia_scraper.domain.log_events import LogEvent
from trivia_scraper.fetching import open_fetcher
from trivia_scraper.fetching.operator import open_operator_client
from trivia_scraper.imaging.inspector import PoolInspector
from trivia_scraper.pipeline.locks import KeyedLocks
from trivia_scraper.pipeline.provider_windows import RequestWindows
from trivia_scraper.ports import (
    Clock,
    Fetcher,
    Progress,
    Services,
)
from trivia_scraper.providers.registry import PHOTO_PROVIDERS
from trivia_scraper.reading.reader import PooledReader
from trivia_scraper.roster import load_roster
from trivia_scraper.settings import Settings
from trivia_scraper.storage.archive import PageArchive
from trivia_scraper.storage.catalog import PostgresCatalog
from trivia_scraper.storage.cleaning import PostgresCleanupLog
from trivia_scraper.storage.crash_recovery import recover
from trivia_scraper.storage.database import Database, open_database
from trivia_scraper.storage.directory import PostgresReader
from trivia_scraper.storage.enrichment import PostgresEnrichment
from trivia_scraper.storage.enrichment_runs import PostgresEnrichmentRuns
from trivia_scraper.storage.history import PostgresHistory
from trivia_scraper.storage.keys import STORE_FOLDER
from trivia_scraper.storage.ledger import PostgresLedger
from trivia_scraper.storage.locking import hold_store_lock
from trivia_scraper.storage.lookups import PostgresPlaceLookups
from trivia_scraper.storage.migrations import migrate
from trivia_scraper.storage.ownership import own_store
from trivia_scraper.storage.photos import PostgresPhotos
from trivia_scraper.storage.provider_memory import PostgresProviderMemory
from trivia_scraper.storage.quarantine import PostgresQuarantine
from trivia_scraper.storage.queries import MIGRATIONS_FOLDER
from trivia_scraper.storage.recovering import PostgresRecoveries, requeue_unfinished
from trivia_scraper.storage.reviewing import PostgresReviewReader, PostgresReviews
from trivia_scraper.storage.run_reports import PostgresRunReports
from trivia_scraper.storage.runs import PostgresRunLog
from trivia_scraper.storage.stats import PostgresStatistics
from trivia_scraper.storage.store_settings import store_settings
from trivia_scraper.storage.stores import ImageStore, open_store
from trivia_scraper.storage.weekly import PostgresWeekly
from trivia_scraper.workers.pool import open_workers

DirectoryReader: TypeAlias = PostgresReader

SECONDS_PER_STORE_REQUEST = 20.0

"""Two of them fit the minute that Postgres lets a transaction wait for us."""


class SystemClock:
    """Implements `ports.Clock` with the machine's clocks."""

    def now(self) -> dt.datetime:
        """Aware UTC wall time."""
        return dt.datetime.now(dt.UTC)

    def monotonic(self) -> float:
        """Seconds that never jump."""
        return time.monotonic()


@asynccontextmanager
async def open_services(
    settings: Settings, *, run_id: UUID, progress: Progress, log: FilteringBoundLogger, stopping: Callable[[], bool]
) -> AsyncIterator[Services]:
    """Everything a run needs: database (migrated), store lock, image store (recovered), HTTP, workers.

    Raises DatabaseUnreachable, SchemaTooNew, InstanceLocked, StorageFull, SetupError, and what the image
    store refuses, before any work is done.
    """
    clock, roster = SystemClock(), load_roster(settings)
    async with (
        open_image_store(settings, log) as files,
        open_database(database_settings(settings), log) as database,
    ):
        await bring_schema_up(database, log)
        async with hold_store_lock(store_folder(settings), database, log) as lock:
            await own_store(files, database, log)
            ledger = PostgresLedger(database, lock.epoch, clock)
            await recover(ledger, files, log)
            await requeue_unfinished(database, clock.now())
            async with (
                open_fetcher(
                    fetch_settings(settings, roster), clock=clock, sleep=asyncio.sleep, random=random.random, log=log
                ) as fetcher,
                open_workers(worker_limits(settings), log, loaded_once=loaded_once(roster)) as workers,
            ):
                yield Services(
                    settings=pipeline_settings(settings, roster),
                    run_id=run_id,
                    fetcher=fetcher,
                    reader=PooledReader(workers),
                    inspector=PoolInspector(workers, imaging_settings(settings)),
                    files=files,
                    runs=PostgresRunLog(database, lock.epoch),
                    catalog=PostgresCatalog(database, lock.epoch, files.missing),
                    ledger=ledger,
                    photos=PostgresPhotos(database, lock.epoch, files.missing, settings.enrichment.same_photo_bits),
                    memory=PostgresProviderMemory(database),
                    recoveries=PostgresRecoveries(database, recovery_classes(settings)),
                    windows=RequestWindows(),
                    enrichment=PostgresEnrichment(database),
                    cleaning=PostgresCleanupLog(database),
                    quarantine=PostgresQuarantine(database, files, lock.epoch),
                    history=PostgresHistory(database, PostgresStatistics(database, recovery_classes(settings))),
                    reviews=PostgresReviews(database, lock.epoch),
                    lookups=PostgresPlaceLookups(database),
                    archive=PageArchive(store_folder(settings) / "unread-pages"),
                    progress=progress,
                    locks=KeyedLocks(),
                    sources=roster.sources,
                    providers=PHOTO_PROVIDERS,
                    clock=clock,
                    sleep=asyncio.sleep,
                    random=random.random,
                    stopping=stopping,
                    log=log,
                )


@asynccontextmanager
async def open_page_fetcher(settings: Settings, log: FilteringBoundLogger) -> AsyncIterator[Fetcher]:
    """HTTP alone, with every guard and courtesy of a run: for looking at a site before it is a source."""
    async with open_fetcher(
        fetch_settings(settings, load_roster(settings)),
        clock=SystemClock(),
        sleep=asyncio.sleep,
        random=random.random,
        log=log,
    ) as fetcher:
        yield fetcher


@asynccontextmanager
async def open_reader(settings: Settings, log: FilteringBoundLogger) -> AsyncIterator[DirectoryReader]:
    """The directory for looking only; needs no lock and works beside a run."""
    async with open_migrated(settings, log) as database:
        store = store_settings(settings.storage, settings.image_dir)
        yield PostgresReader(database, store.path_of, store.url_of)


@dataclass(frozen=True, slots=True)
class Figures:
    """What statistics, reports and review are read from."""

    statistics: PostgresStatistics
    weekly: PostgresWeekly
    reviews: PostgresReviewReader
    enrichments: PostgresEnrichmentRuns
    runs: PostgresRunReports
    clock: Clock


@asynccontextmanager
async def open_figures(settings: Settings, log: FilteringBoundLogger) -> AsyncIterator[Figures]:
    """Figures for looking only; needs no lock and works beside a run."""
    async with open_migrated(settings, log) as database:
        classes, photos = recovery_classes(settings), photo_settings(settings)
        cleanup_every = dt.timedelta(days=7 if settings.cleanup.every == "weekly" else 1)
        yield Figures(
            PostgresStatistics(database, classes),
            PostgresWeekly(
                database, classes, photos.accounts, photos.per_provider,
                cleanup_every if settings.cleanup.enabled else None,
            ),
            PostgresReviewReader(database, classes),
            PostgresEnrichmentRuns(database, classes),
            PostgresRunReports(database),
            SystemClock(),
        )  # fmt: skip


@asynccontextmanager
async def open_migrated(settings: Settings, log: FilteringBoundLogger) -> AsyncIterator[Database]:
    async with open_database(database_settings(settings), log) as database:
        await bring_schema_up(database, log)
        yield database


async def bring_schema_up(database: Database, log: FilteringBoundLogger) -> None:
    for name in await migrate(database, MIGRATIONS_FOLDER):
        log.info(LogEvent.SCHEMA_MIGRATED, migration=name)


def open_image_store(settings: Settings, log: FilteringBoundLogger) -> AbstractAsyncContextManager[ImageStore]:
    """The store that `[storage]` names, proved readable."""
    return open_store(
        store_settings(settings.storage, settings.image_dir),
        lambda: open_operator_client(__version__, SECONDS_PER_STORE_REQUEST),
        log,
    )


def store_folder(settings: Settings) -> Path:
    """Lock and unread pages lie with the pictures: who shares a store shares its lock, whatever the user's home."""
    return settings.image_dir / STORE_FOLDER
