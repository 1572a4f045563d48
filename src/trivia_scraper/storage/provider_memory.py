"""What photo providers and image hosts taught us, in Postgres. Implements `ports.ProviderMemory`."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from typing import Final, Literal

from trivia_scraper.domain.provider_memory import BreakerState, ProviderPace
from trivia_scraper.storage.database import Database

WAITS_KEPT: Final = dt.timedelta(days=8)


class PostgresProviderMemory:
    """Each call is one transaction. The turn is this process's: the store lock keeps others out."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._turn = asyncio.Lock()

    def turn(self) -> AbstractAsyncContextManager[None]:
        """One at a time."""
        return self._turn

    async def pace(self, provider: str) -> ProviderPace | None:
        """The learnt delay of a provider."""
        row = await self._database.fetchrow("memory/pace", provider)
        return None if row is None else ProviderPace(row["delay_ms"], row["successes_in_row"])

    async def save_pace(self, provider: str, pace: ProviderPace, at: dt.datetime) -> None:
        """Keep it."""
        await self._database.execute("memory/save_pace", provider, pace.delay_ms, pace.successes_in_row, at)

    async def note_wait(self, provider: str, seconds: float, at: dt.datetime) -> None:
        """A provider asked for this wait."""
        await self._database.execute("memory/note_wait", provider, at, seconds, at - WAITS_KEPT)

    async def usual_wait(self, provider: str, since: dt.datetime) -> float | None:
        """Median of the waits since then."""
        median = await self._database.fetchval("memory/usual_wait", provider, since)
        return None if median is None else float(median)

    async def breaker(self, host: str) -> BreakerState | None:
        """What is known of a host's breaker."""
        row = await self._database.fetchrow("memory/breaker", host)
        return None if row is None else BreakerState(**dict(row))

    async def save_breaker(self, host: str, state: BreakerState, at: dt.datetime) -> None:
        """Keep it."""
        await self._database.execute(
            "memory/save_breaker", host, state.failures_in_row, state.pause_seconds, state.opened_at,
            state.open_until, at,
        )  # fmt: skip

    async def note_request(
        self, provider: str, kind: Literal["listing", "photo", "notice"], images: int, cost: float, at: dt.datetime
    ) -> None:
        """A request was made. Doing it again after a lost commit counts it twice: rather that than not at all."""
        await self._database.execute("memory/note_request", provider, kind, at, images, cost)

    async def request_times(self, provider: str, since: dt.datetime) -> Sequence[dt.datetime]:
        """When a provider was asked since then, oldest first."""
        return [row["at"] for row in await self._database.fetch("memory/request_times", provider, since)]
