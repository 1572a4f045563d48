"""For whoever watches: what a daemon tells of itself, how to ask it, and who may stop a source for a while."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

from structlog.typing import FilteringBoundLogger

from trivia_scraper.bootstrap.clocks import SystemClock
from trivia_scraper.bootstrap.stores import open_migrated
from trivia_scraper.domain.errors import DatabaseUnreachable, StorageUnavailable
from trivia_scraper.domain.live import DaemonState
from trivia_scraper.domain.log_events import LogEvent
from trivia_scraper.domain.source_health import SourceHealth
from trivia_scraper.domain.status import status_document
from trivia_scraper.fetching.control import ControlAnswer, ask_control
from trivia_scraper.settings import Settings
from trivia_scraper.storage import source_health
from trivia_scraper.storage.status_figures import PostgresStatusFigures


async def tell_status(
    state: DaemonState, figures: PostgresStatusFigures | None, sources: Sequence[str], now: dt.datetime
) -> dict[str, Any]:
    """The document of `/status.json`. While the database is away it tells of the daemon alone, at once.

    figures  None = no store is open yet
    sources  the slugs that a run would read
    """
    if figures is None or state.database_lost_at is not None:
        return status_document(state, None, now)
    try:
        return status_document(state, await figures.read(sources, now), now)
    except (StorageUnavailable, DatabaseUnreachable):
        return status_document(state, None, now)


async def ask_daemon(socket: Path, method: Literal["GET", "POST"], target: str) -> ControlAnswer:
    """Ask the daemon that listens at this control socket. Raises ServiceUnreachable."""
    return await ask_control(socket, method, target)


def has_database(settings: Settings) -> bool:
    """Whether there is anything to look at: an embedded server that nothing was ever stored in need not be made."""
    return not settings.database.is_embedded or settings.database_dir.exists()


async def pause_source(settings: Settings, log: FilteringBoundLogger, source: str, by: str, why: str) -> SourceHealth:
    """Leave a source out of runs until it is resumed; safe beside a run and a daemon."""
    async with open_migrated(settings, log) as database:
        health = await source_health.pause(database, source, by, why, SystemClock().now())
    log.info(LogEvent.SOURCE_PAUSED, source=source, by=by, why=why)
    return health


async def resume_source(settings: Settings, log: FilteringBoundLogger, source: str) -> tuple[bool, SourceHealth]:
    """Read a source again; whether it was paused, and how it fares."""
    async with open_migrated(settings, log) as database:
        was_paused, health = await source_health.resume(database, source, SystemClock().now())
    if was_paused:
        log.info(LogEvent.SOURCE_RESUMED, source=source, state=health.state)
    return was_paused, health
