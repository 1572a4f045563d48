"""Tells people of trouble, from the daemon's first moment to its last: a database that is waited for is some."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, Literal

from structlog.typing import FilteringBoundLogger

from trivia_scraper.bootstrap.notifying import Lookout, open_audience
from trivia_scraper.daemon.life import Daemon
from trivia_scraper.daemon.loops import Beat, Loop
from trivia_scraper.pipeline.notices import Audience, NoticeMemory, announce, ping
from trivia_scraper.ports import Clock
from trivia_scraper.settings import Settings

LOOK_SECONDS: Final = 60.0
OPENING_SECONDS: Final = 5.0
"""How long a ping waits for its address: a catch-up may begin in the daemon's first moment."""


@dataclass(frozen=True, slots=True)
class Teller:
    """Implements `pipeline.attempts.Patience` for what belongs to no run."""

    clock: Clock
    sleep: Callable[[float], Awaitable[None]]
    log: FilteringBoundLogger


class Herald:
    """Looks around each minute and tells what is due; pings the watch that expects to hear of runs.

    failed  called for each message or ping that did not get through
    """

    def __init__(self, daemon: Daemon, failed: Callable[[], None], log: FilteringBoundLogger) -> None:
        self._daemon = daemon
        self._failed = failed
        self._teller = Teller(daemon.clock, asyncio.sleep, log)
        self._memory, self._lookout = NoticeMemory(), Lookout()
        self._audience: Audience | None = None
        self._is_open = asyncio.Event()

    def loop(self) -> Loop:
        """For the daemon's outer ring."""
        return Loop("notices", self._tell_on, stale_after_seconds=400)

    async def ping(self, event: Literal["start", "success", "failure"]) -> None:
        """Tell the watch that a run began or ended."""
        if not self._daemon.settings.current.notify.ping_url.get_secret_value():
            return
        try:
            async with asyncio.timeout(OPENING_SECONDS):
                await self._is_open.wait()
        except TimeoutError:
            return  # the loop that opens it is down, which is told already
        if self._audience is not None:
            await ping(event, self._audience, self._teller)

    async def _tell_on(self, beat: Beat) -> None:
        while not self._daemon.gone.is_asked:
            settings = self._daemon.settings.current
            async with open_audience(settings, self._teller.log, self._failed) as audience:
                self._audience = audience
                self._is_open.set()
                try:
                    await self._tell_all(settings, audience, beat)
                finally:
                    self._is_open.clear()
                    self._audience = None

    async def _tell_all(self, settings: Settings, audience: Audience, beat: Beat) -> None:
        """As long as these settings count. A stop is no time for news, and the store is being closed."""
        while settings is self._daemon.settings.current and not self._daemon.gone.is_asked:
            beat()
            async with self._daemon.stop.cutting_short():
                await self._look(settings, audience)
            await self._daemon.gone.sleep(LOOK_SECONDS)

    async def _look(self, settings: Settings, audience: Audience) -> None:
        ring = self._daemon.ring
        sighting = await self._lookout.look(
            self._daemon.state(),
            (ring.sources() if ring else ()) or None,
            ring.free_bytes() if ring else None,
            settings,
            ring.database if ring else None,
            self._daemon.clock,
        )
        await announce(sighting, ring.notices if ring else None, self._memory, audience, self._teller)
