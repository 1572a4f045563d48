"""What a command does in one call: opens what it needs, lets storage do it, logs it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from structlog.typing import FilteringBoundLogger

from trivia_scraper.bootstrap.clocks import SystemClock
from trivia_scraper.bootstrap.shares import database_settings
from trivia_scraper.bootstrap.stores import open_image_store, open_migrated, store_folder
from trivia_scraper.domain.cleaning import CleanupRunView
from trivia_scraper.domain.directory import DuplicateScan, MergeReport, PairView, UnmergeReport
from trivia_scraper.domain.enrichment import VenueContext
from trivia_scraper.domain.importing import ImportReport, ReadRecord
from trivia_scraper.domain.log_events import LogEvent
from trivia_scraper.settings import Settings
from trivia_scraper.storage import cleaning, duplicates, importing, merging, releasing, unmerging, venue_ids
from trivia_scraper.storage.crash_recovery import Consistency, compare_rows_and_files
from trivia_scraper.storage.database import open_database
from trivia_scraper.storage.dumping import dump, restore
from trivia_scraper.storage.locking import hold_store_lock
from trivia_scraper.storage.migrations import migrate, status
from trivia_scraper.storage.queries import MIGRATIONS_FOLDER


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
        open_image_store(settings, log) as files,
        open_migrated(settings, log) as database,
    ):
        return await compare_rows_and_files(database, files)


async def database_url(settings: Settings, log: FilteringBoundLogger) -> str:
    """The libpq URL of the database; an embedded server listens only while a command or daemon uses it."""
    async with open_database(database_settings(settings), log) as database:
        return database.endpoint.url


async def open_issues(settings: Settings, log: FilteringBoundLogger) -> Sequence[Mapping[str, Any]]:
    """What waits for a person: kind, source, subject, message, at; the newest ten."""
    async with open_migrated(settings, log) as database:
        return [dict(row) for row in await database.fetch("runs/open_issues", 10)]


async def cleanup_runs(settings: Settings, log: FilteringBoundLogger, limit: int) -> Sequence[CleanupRunView]:
    """The last cleanups, newest first, and what of each can still be brought back."""
    async with open_migrated(settings, log) as database:
        return await cleaning.cleanup_runs(database, limit)


async def release_source(settings: Settings, log: FilteringBoundLogger, source: str) -> int:
    """Let what is held of a source count, after a person looked; returns how many events count as missed."""
    async with open_migrated(settings, log) as database:
        return await releasing.release_source(database, source, SystemClock().now())


async def duplicate_pairs(
    settings: Settings, log: FilteringBoundLogger, *, rescan: bool, decided: bool
) -> tuple[DuplicateScan | None, Sequence[PairView]]:
    """Pairs of venues that may be one; with `rescan` after comparing all venues anew."""
    async with open_migrated(settings, log) as database:
        scan = await duplicates.find_duplicates(database, SystemClock().now()) if rescan else None
        return scan, await duplicates.duplicate_pairs(database, decided=decided)


async def merge_venues(
    settings: Settings, log: FilteringBoundLogger, left: str, right: str, *, keep: str | None, dry_run: bool
) -> MergeReport:
    """Make one venue of two, as `storage.merging` does; safe beside a run."""
    async with open_migrated(settings, log) as database:
        merged = await merging.merge_venues(database, left, right, SystemClock().now(), keep=keep, dry_run=dry_run)
    if not dry_run:
        log.info(LogEvent.VENUE_MERGED, **asdict(merged))
    return merged


async def unmerge_venue(settings: Settings, log: FilteringBoundLogger, slug: str) -> UnmergeReport:
    """Undo the merge that made this venue part of another."""
    async with open_migrated(settings, log) as database:
        parted = await unmerging.unmerge_venue(database, slug, SystemClock().now())
    log.info(LogEvent.VENUE_UNMERGED, **asdict(parted))
    return parted


async def call_different(
    settings: Settings, log: FilteringBoundLogger, left: str, right: str, *, undo: bool
) -> tuple[str, str]:
    """Write down that a person calls two venues different, or takes it back; returns their slugs."""
    async with open_migrated(settings, log) as database:
        slugs = await duplicates.call_different(database, left, right, SystemClock().now(), undo=undo)
    log.info(LogEvent.VENUE_PAIR_DECIDED, venues=list(slugs), state="open" if undo else "different")
    return slugs


async def identify_venue(
    settings: Settings, log: FilteringBoundLogger, slug: str, provider: str, provider_id: str, *, remove: bool
) -> tuple[VenueContext, bool]:
    """State under which id a photo provider knows a venue, or take it back; returns its ids, and if any changed."""
    async with open_migrated(settings, log) as database:
        return await venue_ids.identify_venue(
            database, slug, provider, provider_id, SystemClock().now(), remove=remove
        )


async def import_images(
    settings: Settings, log: FilteringBoundLogger, records: Iterable[ReadRecord], *, dry_run: bool
) -> ImportReport:
    """Write image records of an older application, while no run holds the store; a dry run only counts."""
    async with open_migrated(settings, log) as database, hold_store_lock(store_folder(settings), database, log):
        report = await importing.import_images(database, records, SystemClock().now(), dry_run=dry_run)
    if not dry_run:
        counts = {"added": sum(report.imported.values()), "improved": report.improved, "known": report.known}
        log.info(LogEvent.IMAGES_IMPORTED, read=report.read, **counts, rejected=report.rejected_count)
    return report


async def dump_database(settings: Settings, log: FilteringBoundLogger, file: Path) -> None:
    """Write the whole database to `file`, atomically."""
    async with open_migrated(settings, log) as database:
        await dump(database, file)


async def restore_database(settings: Settings, log: FilteringBoundLogger, file: Path) -> None:
    """Replace the database's content by a dump, while no run holds the store."""
    async with open_migrated(settings, log) as database, hold_store_lock(store_folder(settings), database, log):
        await restore(database, file, overwrite=True)


async def image_store_place(settings: Settings, log: FilteringBoundLogger) -> str:
    """Where pictures are kept, after reading there. Raises what the store refuses; writes nothing into it."""
    async with open_image_store(settings, log) as files:
        return files.place
