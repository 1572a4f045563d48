"""Cleanups, and owners with failures. Implements `ports.CleanupLog`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from trivia_scraper.domain.cleaning import CleanupRunView, FailedImage, OwnerFailures
from trivia_scraper.domain.models import ImageStatus, OwnerKind
from trivia_scraper.domain.recovery import OwnerRef
from trivia_scraper.storage.database import Database


class PostgresCleanupLog:
    """Each call is one statement."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def start_cleanup(self, at: dt.datetime) -> int:
        """Give a cleanup its number."""
        async with self._database.transaction() as session:
            return int(await session.fetchval("cleaning/start_run", at))

    async def finish_cleanup(self, run: int, report: Mapping[str, Any], at: dt.datetime) -> None:
        """Record what it did."""
        await self._database.execute("cleaning/finish_run", run, dict(report), at)

    async def failing_owners(self) -> Sequence[OwnerRef]:
        """Living owners with a failure."""
        rows = await self._database.fetch("cleaning/failing_owners")
        return [OwnerRef(OwnerKind(row["owner_kind"]), row["owner_id"]) for row in rows]

    async def owner_failures(self, owner: OwnerRef) -> OwnerFailures | None:
        """One owner's failures."""
        rows = await self._database.fetch("cleaning/owner_failures", owner.kind, owner.id)
        if not rows:
            return None
        images = [
            FailedImage(row["id"], ImageStatus(row["status"]), row["retry_count"], row["error_type"], row["version"])
            for row in rows
            if row["id"] is not None
        ]
        return OwnerFailures(owner, rows[0]["slug"], tuple(images))


async def cleanup_runs(database: Database, limit: int) -> Sequence[CleanupRunView]:
    """The last cleanups, newest first."""
    return [CleanupRunView(**dict(row)) for row in await database.fetch("cleaning/runs", limit)]
