"""What the daemon feels of itself: how late its event loop is, whether the database answers, if there is room."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Final

from structlog.typing import FilteringBoundLogger

from trivia_scraper.daemon.loops import Beat
from trivia_scraper.daemon.stopping import Stop
from trivia_scraper.domain.errors import TriviaScraperError
from trivia_scraper.domain.log_events import LogEvent
from trivia_scraper.ports import Clock

LAG_SECONDS: Final = 1.0
LAG_MEMORY: Final = 10
DATABASE_SECONDS: Final = 5.0
STORAGE_SECONDS: Final = 15.0


class Vitals:
    """Measured by three loops, read by whoever asks how the daemon is.

    The lag is measured until the daemon is `gone`, store and database until it is asked to `stop`.
    """

    def __init__(self, clock: Clock, stop: Stop, gone: Stop, log: FilteringBoundLogger) -> None:
        self._clock = clock
        self._stop = stop
        self._gone = gone
        self._log = log
        self._lags: deque[float] = deque([0.0], maxlen=LAG_MEMORY)
        self._lag_due_at: float | None = None
        self.database_lost_at: dt.datetime | None = None
        self.storage_full_at: dt.datetime | None = None
        self.storage_error = ""

    @property
    def lag_seconds(self) -> float:
        """The worst delay of the event loop in the last ten seconds, one that lasts still included."""
        late = 0.0 if self._lag_due_at is None else self._clock.monotonic() - self._lag_due_at
        return max(*self._lags, late, 0.0)

    async def watch_lag(self, beat: Beat) -> None:
        """Sleep a second and see how late it gets."""
        while not self._gone.is_asked:
            beat()
            self._lag_due_at = self._clock.monotonic() + LAG_SECONDS
            await self._gone.sleep(LAG_SECONDS)
            self._lags.append(max(0.0, self._clock.monotonic() - self._lag_due_at))

    async def watch_database(self, ping: Callable[[], Awaitable[object]], beat: Beat) -> None:
        """Ask the database for nothing every few seconds."""
        while not self._stop.is_asked:
            beat()
            await self._ask(ping)
            await self._stop.sleep(DATABASE_SECONDS)

    async def _ask(self, ping: Callable[[], Awaitable[object]]) -> None:
        try:
            async with asyncio.timeout(DATABASE_SECONDS):
                await ping()
        except (TriviaScraperError, TimeoutError) as error:
            if self.database_lost_at is None:
                self.database_lost_at = self._clock.now()
                why = str(error) or f"no answer within {DATABASE_SECONDS:g} s"
                self._log.error(LogEvent.DATABASE_LOST, what="database", error=why)
        else:
            if self.database_lost_at is not None:
                away = self._clock.now() - self.database_lost_at
                self.database_lost_at = None
                self._log.info(LogEvent.DATABASE_BACK, what="database", seconds=round(away.total_seconds(), 1))

    async def watch_storage(
        self, has_room: Callable[[], Awaitable[bool]], recovered: Callable[[], Awaitable[None]], beat: Beat
    ) -> None:
        """Look whether pictures can be stored. `recovered` is called when they can be again."""
        while not self._stop.is_asked:
            beat()
            try:
                room = await has_room()
                self.storage_error = ""
            except (TriviaScraperError, OSError) as error:  # its disk may be gone, not only full
                room, self.storage_error = False, str(error)
            if not room and self.storage_full_at is None:
                self.storage_full_at = self._clock.now()
                why = self.storage_error or "free space is below storage.min_free"
                self._log.error(LogEvent.STORAGE_FULL, error=why, next="downloads pause until there is room")
            elif room and self.storage_full_at is not None:
                self.storage_full_at = None
                self._log.info(LogEvent.STORAGE_RECOVERED)
                await recovered()
            await self._stop.sleep(STORAGE_SECONDS)
