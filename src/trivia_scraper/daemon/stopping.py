"""How the daemon is asked to end: once to drain, twice to leave at once; or by a fault that leaves no choice."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Stop:
    """Whether, why and how urgently the daemon is to end. One for each daemon; set from signal handlers and loops."""

    def __init__(self, pace: float = 1.0) -> None:
        """`pace`: so many seconds of the daemon's clock pass in one; more than 1 in a soak only."""
        self.pace = pace
        self._asked = asyncio.Event()
        self._at_once = asyncio.Event()
        self._waits: set[asyncio.Timeout] = set()
        self.reason = ""
        self.error: Exception | None = None

    @property
    def is_asked(self) -> bool:
        """Whether no new work is to be taken up."""
        return self._asked.is_set()

    @property
    def is_urgent(self) -> bool:
        """Whether it was asked for twice."""
        return self._at_once.is_set()

    def ask(self, reason: str) -> None:
        """Drain; asked again: leave at once."""
        if self.is_asked:
            self._at_once.set()
        else:
            self.reason = reason
            self._asked.set()
            for wait in self._waits:
                wait.reschedule(0.0)

    def fail(self, error: Exception) -> None:
        """Drain, because going on would do harm; the daemon ends with this error."""
        if self.error is None:
            self.error = error
        if not self.is_asked:
            self.ask(str(error))

    async def wait(self) -> None:
        """Return when it is asked for."""
        await self._asked.wait()

    async def wait_at_once(self) -> None:
        """Return when it was asked for twice."""
        await self._at_once.wait()

    @asynccontextmanager
    async def cutting_short(self) -> AsyncIterator[None]:
        """Leave the body, wherever it waits, when a stop is asked for; `is_asked` tells whether that may be so."""
        wait = asyncio.timeout_at(0.0 if self.is_asked else None)
        try:
            async with wait:
                self._waits.add(wait)
                try:
                    yield
                finally:
                    self._waits.discard(wait)
        except TimeoutError:
            if not wait.expired():
                raise

    async def sleep(self, seconds: float) -> bool:
        """Wait so long, or until a stop is asked for: then True."""
        try:
            async with asyncio.timeout(seconds / self.pace):
                await self._asked.wait()
        except TimeoutError:
            return False
        return True
