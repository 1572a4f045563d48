"""Whom the daemon tells of trouble, on which terms, and where it looks for some (operations.md 10)."""

from __future__ import annotations

import asyncio
import datetime as dt
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Final

from structlog.typing import FilteringBoundLogger

from trivia_scraper import __version__
from trivia_scraper.bootstrap.weekly import cleanup_interval, weekly_figures
from trivia_scraper.domain.errors import ServiceUnreachable, TransientError, TriviaScraperError
from trivia_scraper.domain.live import DaemonState
from trivia_scraper.domain.log_events import LogEvent
from trivia_scraper.domain.notices import Message, Sighting
from trivia_scraper.domain.source_health import SourceHealth
from trivia_scraper.domain.weekly import Alert, AlertLevel
from trivia_scraper.fetching.channels import open_channels
from trivia_scraper.pipeline.notices import Audience
from trivia_scraper.policy.conditions import Room, StoredSigns, look_around
from trivia_scraper.policy.notifying import Terms, quiet_hours
from trivia_scraper.ports import Clock
from trivia_scraper.settings import Settings
from trivia_scraper.storage.database import Database
from trivia_scraper.storage.notices import held_by_cleanup, tripped_breakers

ALERTS_LAST_SECONDS: Final = 600.0
"""Alerts count every image: a quarter of a second at a million of them, too much for each minute."""


@asynccontextmanager
async def open_audience(
    settings: Settings, log: FilteringBoundLogger, failed: Callable[[], None]
) -> AsyncIterator[Audience]:
    """The channels of [notify], and its terms. One that cannot be used is a warning, and the others are told.

    failed  called for each message or ping that did not get through
    """
    section = settings.notify
    urls, ping_url = section.urls.get_secret_value().split(), section.ping_url.get_secret_value()
    async with open_channels(urls, ping_url, __version__) as channels:
        for name, error in channels.refused:
            log.warning(LogEvent.NOTIFY_FAILED, what=name, error=error.message, next=error.hint)
        yield Audience(channels.usable, channels.pings, socket.gethostname(), notice_terms(settings), failed)


def notice_terms(settings: Settings) -> Terms:
    """How patiently and how quietly [notify] wants it."""
    section = settings.notify
    return Terms(section.after_failures, section.repeat, quiet_hours(section.quiet_hours))


class Lookout:
    """Looks at everything that a person is told of. One a process: it remembers what is costly to count."""

    def __init__(self) -> None:
        self._alerts: Sequence[Alert] = ()
        self._counted_at: float | None = None

    async def look(
        self,
        state: DaemonState,
        sources: Sequence[SourceHealth] | None,
        free_bytes: int | None,
        settings: Settings,
        database: Database | None,
        clock: Clock,
    ) -> Sighting:
        """What is wrong now. While the database is away, what it would say is not judged.

        sources     None = they were not judged yet
        free_bytes  where pictures are kept; None = nobody knows
        database    None = it was not reached yet
        """
        room = None if free_bytes is None else Room(free_bytes, settings.storage.min_free)
        now = clock.now()
        if database is None or state.database_lost_at is not None:
            return replace(look_around(state, sources, None, room, now), database_is_away=True)
        try:
            signs = await self._read(settings, database, clock)
        except TransientError:  # tried again at the next look; who watches the database will say that it is away
            return replace(look_around(state, sources, None, room, now), database_is_away=True)
        return look_around(state, sources, signs, room, now)

    async def _read(self, settings: Settings, database: Database, clock: Clock) -> StoredSigns:
        breakers, holds = await tripped_breakers(database), await held_by_cleanup(database)
        if self._counted_at is None or clock.monotonic() - self._counted_at >= ALERTS_LAST_SECONDS:
            self._alerts = await weekly_figures(settings, database).alerts(clock.now())
            self._counted_at = clock.monotonic()
        return StoredSigns(self._alerts, breakers, holds, cleanup_interval(settings))


async def try_channels(settings: Settings) -> Sequence[tuple[str, TriviaScraperError | None]]:
    """Send a test through every channel, a success to the ping address; by name what went wrong, None = nothing."""
    section = settings.notify
    urls, ping_url = section.urls.get_secret_value().split(), section.ping_url.get_secret_value()
    async with open_channels(urls, ping_url, __version__) as channels:
        tried: dict[str, TriviaScraperError | None] = dict(channels.refused)

        async def attempt(name: str, send: Awaitable[None]) -> None:
            try:
                await send
            except ServiceUnreachable as error:
                tried[name] = error
            else:
                tried[name] = None

        async with asyncio.TaskGroup() as group:
            for channel in channels.usable:
                group.create_task(attempt(channel.name, channel.send(_test_message())))
            if channels.pings is not None:
                group.create_task(attempt(channels.pings.name, channels.pings.ping("success")))
        return sorted(tried.items())


def _test_message() -> Message:
    return Message(
        kind="test",
        subject="",
        severity=AlertLevel.WARNING,
        message="this is a test: what trivia-scraper has to tell arrives here",
        resolved=False,
        host=socket.gethostname(),
        at=dt.datetime.now(dt.UTC),
    )
