"""Reports of runs that ended, as they were stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from trivia_scraper.storage.database import Database


class PostgresRunReports:
    """Reads only."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def last(self) -> Mapping[str, Any] | None:
        """The report of the run that ended last, as `run --json` printed it."""
        report: Mapping[str, Any] | None = await self._database.fetchval("runs/last_report")
        return report

    async def named(self, beginning: str) -> Sequence[UUID]:
        """Up to two runs whose id begins like this, newest first."""
        return [UUID(str(row["id"])) for row in await self._database.fetch("directory/runs_named", beginning)]

    async def of(self, run_id: UUID) -> Mapping[str, Any] | None:
        """The report of one run; None = it has not ended, or was cut off."""
        row = await self._database.fetchrow("runs/report_of", run_id)
        report: Mapping[str, Any] | None = None if row is None else row["report"]
        return report
