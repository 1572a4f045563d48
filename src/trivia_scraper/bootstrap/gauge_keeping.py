"""Keeps the gauges of what is stored true: each minute what is cheap, the rest when it costs hardly anything."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path
from typing import Final

from structlog.typing import FilteringBoundLogger

from trivia_scraper.domain.errors import TriviaScraperError
from trivia_scraper.domain.log_events import LogEvent
from trivia_scraper.metrics import Metrics
from trivia_scraper.ports import Clock
from trivia_scraper.storage.database import Database
from trivia_scraper.storage.gauges import PostgresGauges

REST_PER_WORK: Final = 500.0
"""A look at every image that took a second is not repeated for 500: it costs the database 0.2 % of its time."""


class GaugeKeeper:
    """Reads storage for `Metrics`. `refresh` is called once a minute, by one loop."""

    def __init__(
        self, metrics: Metrics, database: Database, image_dir: Path, clock: Clock, log: FilteringBoundLogger
    ) -> None:
        self._metrics = metrics
        self._gauges = PostgresGauges(database)
        self._image_dir = image_dir
        self._clock = clock
        self._log = log
        self._directory_due_at = clock.monotonic()

    async def refresh(self) -> None:
        """Read once. What cannot be read stays as it was: others tell that the database or the disk is away."""
        for look in (self._look_at_disk, self._look_at_store, self._look_at_every_image):
            try:
                await look()
            except (TriviaScraperError, OSError) as error:
                self._log.debug(LogEvent.GAUGES_NOT_READ, error=str(error))

    async def _look_at_disk(self) -> None:
        usage = await asyncio.to_thread(shutil.disk_usage, self._image_dir)
        self._metrics.show_free_bytes(usage.free)

    async def _look_at_store(self) -> None:
        self._metrics.show_store(await self._gauges.store(self._clock.now()))

    async def _look_at_every_image(self) -> None:
        started = self._clock.monotonic()
        if started < self._directory_due_at:
            return
        try:
            self._metrics.show_directory(await self._gauges.directory(self._clock.now()))
        finally:
            ended = self._clock.monotonic()
            self._directory_due_at = ended + REST_PER_WORK * (ended - started)
