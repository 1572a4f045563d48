"""Slots of what runs by the clock: taken, passed over, resumed, ended. Implements `ports.SlotBook`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from trivia_scraper.domain.cleaning import ScheduledRun
from trivia_scraper.domain.schedules import JobHistory, UnfinishedSlot
from trivia_scraper.storage.database import Database

GIVEN_UP = "job_given_up"


class PostgresSlotBook:
    """Each call is one transaction, written under this process's epoch."""

    def __init__(self, database: Database, epoch: int) -> None:
        self._database = database
        self._epoch = epoch

    async def claim(self, name: str, due_at: dt.datetime, holder: str, run_id: UUID, at: dt.datetime) -> bool:
        """Take a slot; False when somebody has it already."""
        async with self._database.transaction() as session:
            return bool(await session.fetchval("schedule/claim", name, due_at, holder, at, self._epoch, run_id))

    async def merge(self, name: str, due_at: dt.datetime, into: dt.datetime, holder: str, at: dt.datetime) -> None:
        """A slot came due while an earlier one ran."""
        await self._database.execute("schedule/pass_over", name, due_at, holder, at, self._epoch, into, None)

    async def skip(self, name: str, due_at: dt.datetime, why: str, holder: str, at: dt.datetime) -> None:
        """A slot is not made up for."""
        await self._database.execute("schedule/pass_over", name, due_at, holder, at, self._epoch, None, why)

    async def unfinished(self, at: dt.datetime) -> Sequence[UnfinishedSlot]:
        """What processes left that write no more."""
        return [UnfinishedSlot(**dict(row)) for row in await self._database.fetch("schedule/unfinished", at)]

    async def resume(self, name: str, due_at: dt.datetime, holder: str, run_id: UUID, at: dt.datetime) -> UUID | None:
        """Go on with a slot; its run."""
        async with self._database.transaction() as session:
            resumed: UUID | None = await session.fetchval(
                "schedule/resume", name, due_at, holder, at, self._epoch, run_id
            )
            return resumed

    async def put_back(self, name: str, due_at: dt.datetime) -> None:
        """Leave a slot to the next process."""
        await self._database.execute("schedule/put_back", name, due_at, self._epoch)

    async def finish(
        self, name: str, due_at: dt.datetime, ok: bool, outcome: Mapping[str, Any], at: dt.datetime
    ) -> None:
        """Record how it ended."""
        await self._database.execute("schedule/finish", name, due_at, ok, dict(outcome), at)

    async def give_up(
        self, slot: UnfinishedSlot, source: str | None, message: str, outcome: Mapping[str, Any], at: dt.datetime
    ) -> None:
        """End a slot that nobody goes on with, and raise the issue."""
        async with self._database.transaction() as session:
            await session.execute("schedule/finish", slot.name, slot.due_at, False, dict(outcome), at)
            await session.execute("runs/raise_issue", GIVEN_UP, source, slot.name, message, slot.run_id, at)

    async def record(self, name: str, due_at: dt.datetime) -> ScheduledRun | None:
        """Who took a slot."""
        row = await self._database.fetchrow("schedule/record", name, due_at)
        return None if row is None else ScheduledRun(**dict(row))

    async def histories(self, at: dt.datetime) -> Sequence[JobHistory]:
        """What is known of each job, by name."""
        return [JobHistory(**dict(row)) for row in await self._database.fetch("schedule/histories", at)]
