"""The only module that knows ports *and* adapters. Opens everything in order, closes it in reverse."""

from __future__ import annotations

import asyncio
import datetime as dt
import random
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import urlsplit
from uuid import UUID

from structlog.typing import FilteringBoundLogger

from trivia_scraper import __version__
from trivia_scraper.domain.directory import DuplicateScan, MergeReport, PairView, UnmergeReport
from trivia_scraper.domain.log_events import LogEvent
from trivia_scraper.fetching import FetchSettings, open_fetcher
from trivia_scraper.imaging import inspector as imaging_inspector
from trivia_scraper.imaging.inspector import PoolInspector
from trivia_scraper.imaging.limits import ImagingSettings
from trivia_scraper.pipeline.locks import KeyedLocks
from trivia_scraper.ports import Fetcher, LookupService, PipelineSettings, Progress, Services
from trivia_scraper.reading.reader import SECONDS_PER_PAGE, PooledReader
from trivia_scraper.roster import Roster, load_roster
from trivia_scraper.settings import Settings
from trivia_scraper.storage import duplicates, merging, releasing, unmerging
from trivia_scraper.storage.archive import PageArchive
from trivia_scraper.storage.catalog import PostgresCatalog
from trivia_scraper.storage.connecting import DatabaseSettings
from trivia_scraper.storage.database import Database, open_database
from trivia_scraper.storage.directory import PostgresReader
from trivia_scraper.storage.dumping import dump, restore
from trivia_scraper.storage.files import STORE_FOLDER, open_file_store
from trivia_scraper.storage.ledger import PostgresLedger
from trivia_scraper.storage.locking import hold_store_lock
from trivia_scraper.storage.lookups import PostgresPlaceLookups
from trivia_scraper.storage.migrations import migrate, status
from trivia_scraper.storage.queries import MIGRATIONS_FOLDER
from trivia_scraper.storage.recovery import Consistency, compare_rows_and_files, recover
from trivia_scraper.storage.runs import PostgresRunLog
from trivia_scraper.workers.limits import WorkerLimits
from trivia_scraper.workers.pool import open_workers

DirectoryReader: TypeAlias = PostgresReader


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

    Raises DatabaseUnreachable, SchemaTooNew, InstanceLocked, StorageFull, SetupError before any work is done.
    """
    clock, roster = SystemClock(), load_roster(settings)
    async with (
        open_file_store(settings.image_dir, settings.storage.min_free) as files,
        open_database(database_settings(settings), log) as database,
    ):
        await _bring_schema_up(database, log)
        async with hold_store_lock(store_folder(settings), database, log) as lock:
            ledger = PostgresLedger(database, lock.epoch, clock)
            await recover(ledger, files, log)
            async with (
                open_fetcher(
                    fetch_settings(settings, roster), clock=clock, sleep=asyncio.sleep, random=random.random, log=log
                ) as fetcher,
                open_workers(worker_limits(settings), log, loaded_once=_loaded_once(roster)) as workers,
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
                    lookups=PostgresPlaceLookups(database),
                    archive=PageArchive(store_folder(settings) / "unread-pages"),
                    progress=progress,
                    locks=KeyedLocks(),
                    sources=roster.sources,
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
    async with _open_migrated(settings, log) as database:
        yield PostgresReader(database, lambda key: settings.image_dir / key)


@asynccontextmanager
async def _open_migrated(settings: Settings, log: FilteringBoundLogger) -> AsyncIterator[Database]:
    async with open_database(database_settings(settings), log) as database:
        await _bring_schema_up(database, log)
        yield database


async def _bring_schema_up(database: Database, log: FilteringBoundLogger) -> None:
    for name in await migrate(database, MIGRATIONS_FOLDER):
        log.info(LogEvent.SCHEMA_MIGRATED, migration=name)


async def migrate_database(settings: Settings, log: FilteringBoundLogger, dry_run: bool = False) -> Sequence[str]:
    """Apply what is pending; returns names applied, or with `dry_run` those that would be."""
    async with open_database(database_settings(settings), log) as database:
        return await migrate(database, MIGRATIONS_FOLDER, dry_run=dry_run)


async def database_status(settings: Settings, log: FilteringBoundLogger) -> Mapping[str, Any]:
    """Server, schema and row counts. Writes nothing."""
    async with open_database(database_settings(settings), log) as database:
        schema = await status(database, MIGRATIONS_FOLDER)
        facts: dict[str, Any] = {
            "kind": "embedded" if settings.database.is_embedded else "server",
            "server_version": await database.fetchval("directory/server_version"),
            "applied": list(schema.applied),
            "pending": list(schema.pending),
        }
        if not schema.pending:
            row = await database.fetchrow("directory/counts")
            facts |= dict(row) if row is not None else {}
        return facts


async def check_database(settings: Settings, log: FilteringBoundLogger) -> Consistency:
    """Rows against files. Changes nothing and needs no lock."""
    async with (
        open_file_store(settings.image_dir, settings.storage.min_free) as files,
        _open_migrated(settings, log) as database,
    ):
        return await compare_rows_and_files(database, files)


async def database_url(settings: Settings, log: FilteringBoundLogger) -> str:
    """The libpq URL of the database; an embedded server listens only while a command or daemon uses it."""
    async with open_database(database_settings(settings), log) as database:
        return database.endpoint.url


async def open_issues(settings: Settings, log: FilteringBoundLogger) -> Sequence[Mapping[str, Any]]:
    """What waits for a person: kind, source, subject, message, at; the newest ten."""
    async with _open_migrated(settings, log) as database:
        return [dict(row) for row in await database.fetch("runs/open_issues", 10)]


async def release_source(settings: Settings, log: FilteringBoundLogger, source: str) -> int:
    """Let what is held of a source count, after a person looked; returns how many events count as missed."""
    async with _open_migrated(settings, log) as database:
        return await releasing.release_source(database, source, SystemClock().now())


async def duplicate_pairs(
    settings: Settings, log: FilteringBoundLogger, *, rescan: bool, decided: bool
) -> tuple[DuplicateScan | None, Sequence[PairView]]:
    """Pairs of venues that may be one; with `rescan` after comparing all venues anew."""
    async with _open_migrated(settings, log) as database:
        scan = await duplicates.find_duplicates(database, SystemClock().now()) if rescan else None
        return scan, await duplicates.duplicate_pairs(database, decided=decided)


async def merge_venues(
    settings: Settings, log: FilteringBoundLogger, left: str, right: str, *, keep: str | None, dry_run: bool
) -> MergeReport:
    """Make one venue of two, as `storage.merging` does; safe beside a run."""
    async with _open_migrated(settings, log) as database:
        merged = await merging.merge_venues(database, left, right, SystemClock().now(), keep=keep, dry_run=dry_run)
    if not dry_run:
        log.info(LogEvent.VENUE_MERGED, **asdict(merged))
    return merged


async def unmerge_venue(settings: Settings, log: FilteringBoundLogger, slug: str) -> UnmergeReport:
    """Undo the merge that made this venue part of another."""
    async with _open_migrated(settings, log) as database:
        parted = await unmerging.unmerge_venue(database, slug, SystemClock().now())
    log.info(LogEvent.VENUE_UNMERGED, **asdict(parted))
    return parted


async def call_different(
    settings: Settings, log: FilteringBoundLogger, left: str, right: str, *, undo: bool
) -> tuple[str, str]:
    """Write down that a person calls two venues different, or takes it back; returns their slugs."""
    async with _open_migrated(settings, log) as database:
        slugs = await duplicates.call_different(database, left, right, SystemClock().now(), undo=undo)
    log.info(LogEvent.VENUE_PAIR_DECIDED, venues=list(slugs), state="open" if undo else "different")
    return slugs


async def dump_database(settings: Settings, log: FilteringBoundLogger, file: Path) -> None:
    """Write the whole database to `file`, atomically."""
    async with _open_migrated(settings, log) as database:
        await dump(database, file)


async def restore_database(settings: Settings, log: FilteringBoundLogger, file: Path) -> None:
    """Replace the database's content by a dump, while no run holds the store."""
    async with _open_migrated(settings, log) as database, hold_store_lock(store_folder(settings), database, log):
        await restore(database, file, overwrite=True)


def store_folder(settings: Settings) -> Path:
    """Lock and unread pages lie with the pictures: who shares a store shares its lock, whatever the user's home."""
    return settings.image_dir / STORE_FOLDER


def database_settings(settings: Settings) -> DatabaseSettings:
    """The database adapter's share of the settings."""
    section = settings.database
    return DatabaseSettings(
        url=section.url.get_secret_value(),
        data_dir=settings.database_dir,
        embedded_bin_dir=Path(section.embedded_bin_dir).expanduser() if section.embedded_bin_dir else None,
        pool_max=section.pool_max,
        acquire_timeout_seconds=section.acquire_timeout.total_seconds(),
        statement_timeout_seconds=section.statement_timeout.total_seconds(),
        lock_timeout_seconds=section.lock_timeout.total_seconds(),
    )


def fetch_settings(settings: Settings, roster: Roster) -> FetchSettings:
    """The HTTP adapter's share of the settings."""
    section = settings.http
    return FetchSettings(
        contact=section.contact,
        version=__version__,
        per_host_interval_seconds=section.per_host_interval.total_seconds(),
        host_intervals=_host_intervals(roster),
        per_host_connections=section.per_host_connections,
        keepalive_seconds=section.keepalive.total_seconds(),
        dns_ttl_seconds=section.dns_ttl.total_seconds(),
        connect_timeout_seconds=section.connect_timeout.total_seconds(),
        read_timeout_seconds=section.read_timeout.total_seconds(),
        min_rate_bytes=section.min_rate_bytes,
        max_redirects=section.max_redirects,
        max_page_bytes=section.max_page_bytes,
        max_image_bytes=settings.images.max_bytes,
        max_ratio=section.max_ratio,
        ports=frozenset(section.ports),
        networks=tuple(section.allow_networks),
        respect_robots=section.respect_robots,
        proxy=section.proxy.get_secret_value(),
    )


def _host_intervals(roster: Roster) -> Mapping[str, float]:
    intervals: dict[str, float] = {}
    for slug, source in roster.sources.items():
        section = roster.sections[slug]
        if section.per_host_interval is not None:
            for url in (section.index_url or source.default_index_url, source.home):
                host = urlsplit(url).hostname
                if host:
                    intervals[host] = section.per_host_interval.total_seconds()
    return intervals


def imaging_settings(settings: Settings) -> ImagingSettings:
    """The inspector's share of the settings."""
    section = settings.images
    return ImagingSettings(
        min_bytes=section.min_bytes,
        max_bytes=section.max_bytes,
        max_pixels=section.max_pixels,
        max_side=section.max_side,
        max_frames=section.max_frames,
        decode_timeout_seconds=section.decode_timeout.total_seconds(),
        thumbnail=section.thumbnail,
    )


def worker_limits(settings: Settings) -> WorkerLimits:
    """The worker processes' share of the settings."""
    section = settings.images
    return WorkerLimits(
        workers=section.workers,
        memory_bytes=section.worker_memory,
        longest_job_seconds=max(section.decode_timeout.total_seconds(), SECONDS_PER_PAGE),
    )


def _loaded_once(roster: Roster) -> Sequence[str]:
    readers = sorted({type(source).__module__ for source in roster.sources.values()})
    return (*imaging_inspector.LOADED_ONCE, "trivia_scraper.reading.task", *readers)


def pipeline_settings(settings: Settings, roster: Roster) -> PipelineSettings:
    """The pipeline's share of the settings."""
    sources, sections = roster.sources, roster.sections
    return PipelineSettings(
        detail_freshness=settings.refresh.freshness,
        image_revalidate_after=settings.images.revalidate_after,
        concurrency_per_source=settings.refresh.concurrency,
        page_deadline_seconds=settings.http.page_deadline.total_seconds(),
        hero_deadline_seconds=settings.images.hero_deadline.total_seconds(),
        performer_deadline_seconds=settings.images.performer_deadline.total_seconds(),
        download_deadline_seconds=settings.images.download_deadline.total_seconds(),
        attempts=settings.refresh.attempts,
        backoff_seconds=settings.refresh.backoff.total_seconds(),
        complete_runs_before_missing=settings.limits.complete_runs_before_missing,
        vanished_ratio=settings.limits.vanished_ratio,
        suspect_ratio=settings.limits.suspect_ratio,
        source_growth_factor=settings.limits.source_growth_factor,
        enabled_sources=frozenset(roster.enabled),
        broken_sources=roster.broken,
        index_urls={slug: sections[slug].index_url or source.default_index_url for slug, source in sources.items()},
        # A site that we do not know (a mirror, a replica) is paced by its host's interval alone.
        index_intervals={
            slug: 0.0 if sections[slug].index_url else source.index_interval_seconds
            for slug, source in sources.items()
        },
        freshness_overrides={
            slug: section.freshness for slug, section in sections.items() if section.freshness is not None
        },
        lookup=lookup_service(settings),
    )


def lookup_service(settings: Settings) -> LookupService | None:
    """The address look-up that is configured; None = none."""
    section = settings.lookup
    if not section.url:
        return None
    return LookupService(section.url, section.key.get_secret_value(), section.key_parameter, section.retry_after)
