"""The counter at which a command asks the daemon that holds the store, and looks how far it is."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from structlog.typing import FilteringBoundLogger

from trivia_scraper.bootstrap.clocks import SystemClock
from trivia_scraper.bootstrap.shares import database_settings
from trivia_scraper.ports import Clock, RequestDesk
from trivia_scraper.settings import Settings
from trivia_scraper.storage.database import open_database
from trivia_scraper.storage.holders import Holder
from trivia_scraper.storage.requests import PostgresRequestDesk, holder_of_store


@dataclass(frozen=True, slots=True)
class Counter:
    """Requests, and who holds the store just now (None = nobody)."""

    requests: RequestDesk
    holder: Callable[[], Awaitable[Holder | None]]
    clock: Clock


@asynccontextmanager
async def open_counter(settings: Settings, log: FilteringBoundLogger) -> AsyncIterator[Counter]:
    """The database alone, without lock and migrations: whoever holds the store has brought it up."""
    async with open_database(database_settings(settings), log) as database:
        yield Counter(PostgresRequestDesk(database), lambda: holder_of_store(database), SystemClock())
