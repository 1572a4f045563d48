"""What is kept of the past and for how long; pictures that stand for none. Implements `ports.History`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Final

from trivia_scraper.domain.cleaning import HistoryReport
from trivia_scraper.domain.file_sweeps import Placeholder
from trivia_scraper.policy.picture_hashes import LEAST_ROWS, PLACEHOLDER_BITS, PLACEHOLDER_OWNERS
from trivia_scraper.storage.database import Database
from trivia_scraper.storage.sessions import Session
from trivia_scraper.storage.stats import PostgresStatistics

SNAPSHOTS_KEPT: Final = 5
MOST_SHARED_HASHES: Final = 50
"""Hashes that two owners share, the commonest first: each is compared with all pictures of its provider."""

ROWS_AT_ONCE: Final = 10_000
"""Deleted by one statement: few enough for `statement_timeout`, and locks that nobody has to wait for."""


class PostgresHistory:
    """Deletes in portions, each a transaction of its own."""

    def __init__(self, database: Database, statistics: PostgresStatistics) -> None:
        self._database = database
        self._statistics = statistics

    async def prunable(
        self, attempts_before: dt.datetime, runs_before: dt.datetime, requests_before: dt.datetime
    ) -> HistoryReport:
        """How much `prune` would take away."""
        row = await self._database.fetchrow("history/prunable", attempts_before, runs_before, requests_before)
        assert row is not None
        return HistoryReport(**dict(row))

    async def prune(
        self, attempts_before: dt.datetime, runs_before: dt.datetime, requests_before: dt.datetime
    ) -> HistoryReport:
        """Take away what is older; enrichment runs stay for good (R206)."""
        return HistoryReport(
            attempts=await self._prune("history/prune_attempts", attempts_before),
            visits=await self._prune("history/prune_visits", attempts_before),
            runs=await self._prune("history/prune_runs", runs_before)
            + await self._prune("history/prune_scheduled_runs", runs_before),
            recovery_requests=await self._prune("history/prune_recovery_requests", requests_before),
            provider_requests=await self._prune("history/prune_provider_requests", requests_before)
            + await self._prune("history/prune_provider_waits", requests_before),
        )

    async def _prune(self, query: str, before: dt.datetime) -> int:
        gone = 0
        while deleted := await self._database.execute(query, before, ROWS_AT_ONCE):
            gone += deleted
        return gone

    async def keep_statistics(self, at: dt.datetime) -> None:
        """A snapshot of this moment, of which five are kept, and the figures of this day (R220)."""
        figures = await self._statistics.figures(at)
        async with self._database.transaction() as session:
            await session.execute("history/save_snapshot", at, figures)
            await session.execute("history/drop_snapshots", SNAPSHOTS_KEPT)
            await session.execute("history/save_day", at.astimezone(dt.UTC).date(), figures)

    async def has_statistics(self, day: dt.date) -> bool:
        """Whether the figures of a day are kept."""
        return bool(await self._database.fetchval("history/day_is_kept", day))

    async def mark_placeholders(self, at: dt.datetime) -> Sequence[Placeholder]:
        """Note pictures that five owners of one provider show; returns those that are new or changed."""
        async with self._database.transaction() as session:
            equal = await _placeholders(session, "history/mark_equal", PLACEHOLDER_OWNERS, LEAST_ROWS, at)
            alike = await _placeholders(
                session, "history/mark_alike", PLACEHOLDER_OWNERS, PLACEHOLDER_BITS, LEAST_ROWS, MOST_SHARED_HASHES,
                at,
            )  # fmt: skip
            return [*equal, *alike]


async def _placeholders(session: Session, query: str, *arguments: object) -> list[Placeholder]:
    return [Placeholder(**dict(row)) for row in await session.fetch(query, *arguments)]
