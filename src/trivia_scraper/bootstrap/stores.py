"""Where everything is kept: the database, brought up to date, and the image store."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

from structlog.typing import FilteringBoundLogger

from trivia_scraper import __version__
from trivia_scraper.bootstrap.shares import database_settings
from trivia_scraper.domain.log_events import LogEvent
from trivia_scraper.fetching.operator import open_operator_client
from trivia_scraper.settings import Settings
from trivia_scraper.storage.database import Database, open_database
from trivia_scraper.storage.keys import STORE_FOLDER
from trivia_scraper.storage.migrations import migrate
from trivia_scraper.storage.queries import MIGRATIONS_FOLDER
from trivia_scraper.storage.store_settings import store_settings
from trivia_scraper.storage.stores import ImageStore, open_store

SECONDS_PER_STORE_REQUEST = 20.0
"""Two of them fit the minute that Postgres lets a transaction wait for us."""


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
