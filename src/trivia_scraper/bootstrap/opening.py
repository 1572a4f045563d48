"""Everything opened in order, and closed in reverse: what a run, a reader and a report need."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TypeAlias
from uuid import UUID

from structlog.typing import FilteringBoundLogger

from trivia_scraper.bootstrap.clocks import SystemClock
from trivia_scraper.bootstrap.house import open_house
from trivia_scraper.bootstrap.shares import fetch_settings, recovery_classes
from trivia_scraper.bootstrap.stores import open_migrated
from trivia_scraper.bootstrap.weekly import weekly_figures
from trivia_scraper.fetching import open_fetcher
from trivia_scraper.pipeline.attempts import STORAGE_BUDGET_SECONDS
from trivia_scraper.ports import Clock, Fetcher, Progress, Services
from trivia_scraper.roster import load_roster
from trivia_scraper.settings import Settings
from trivia_scraper.storage.directory import PostgresReader
from trivia_scraper.storage.enrichment_runs import PostgresEnrichmentRuns
from trivia_scraper.storage.reviewing import PostgresReviewReader
from trivia_scraper.storage.run_reports import PostgresRunReports
from trivia_scraper.storage.stats import PostgresStatistics
from trivia_scraper.storage.status_figures import PostgresStatusFigures
from trivia_scraper.storage.store_settings import store_settings
from trivia_scraper.storage.weekly import PostgresWeekly

DirectoryReader: TypeAlias = PostgresReader


@asynccontextmanager
async def open_services(
    settings: Settings, *, run_id: UUID, progress: Progress, log: FilteringBoundLogger, stopping: Callable[[], bool]
) -> AsyncIterator[Services]:
    """Everything one command needs. Raises as `open_house`, and InstanceLocked when another took the store over."""
    async with open_house(
        settings, role="run", run_id=run_id, progress=progress, log=log, stopping=stopping,
        longest_wait_seconds=STORAGE_BUDGET_SECONDS,
    ) as house:  # fmt: skip
        yield house.services
        house.lock.raise_if_taken()


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
    status: PostgresStatusFigures
    clock: Clock


@asynccontextmanager
async def open_figures(settings: Settings, log: FilteringBoundLogger) -> AsyncIterator[Figures]:
    """Figures for looking only; needs no lock and works beside a run."""
    async with open_migrated(settings, log) as database:
        classes = recovery_classes(settings)
        yield Figures(
            PostgresStatistics(database, classes),
            weekly_figures(settings, database),
            PostgresReviewReader(database, classes),
            PostgresEnrichmentRuns(database, classes),
            PostgresRunReports(database),
            PostgresStatusFigures(database, classes),
            SystemClock(),
        )
