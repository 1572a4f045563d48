"""Slot books for tests: one in memory that keeps the promises of `ports.SlotBook`, and a desk for either kind."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any, Protocol
from uuid import UUID

import asyncpg

from trivia_scraper.domain.cleaning import ScheduledRun
from trivia_scraper.domain.schedules import JobHistory, UnfinishedSlot
from trivia_scraper.ports import SlotBook
from trivia_scraper.storage.database import Database
from trivia_scraper.storage.slots import PostgresSlotBook


@dataclass
class Row:
    """One line of scheduled_runs."""

    holder: str
    started_at: dt.datetime
    epoch: int | None
    run_id: UUID | None = None
    attempts: int = 1
    finished_at: dt.datetime | None = None
    ok: bool | None = None
    outcome: Mapping[str, Any] | None = None
    merged_into: dt.datetime | None = None
    skipped: str | None = None

    @property
    def is_open(self) -> bool:
        """Begun by somebody, and not ended."""
        return self.finished_at is None and self.merged_into is None and self.skipped is None


@dataclass
class Shelf:
    """What all books of one store share."""

    rows: dict[tuple[str, dt.datetime], Row] = field(default_factory=dict)
    fenced: set[int] = field(default_factory=set)
    issues: list[tuple[str, str]] = field(default_factory=list)

    def is_left(self, row: Row) -> bool:
        """Open, and its process writes no more."""
        return row.is_open and (row.epoch is None or row.epoch in self.fenced)


@dataclass
class MemorySlotBook:
    """Implements `ports.SlotBook`; the contract of both kinds is tests/integration/test_slots.py."""

    shelf: Shelf
    epoch: int

    async def claim(self, name: str, due_at: dt.datetime, holder: str, run_id: UUID, at: dt.datetime) -> bool:
        row = self.shelf.rows.get((name, due_at))
        if row is None or row.skipped is not None:
            self.shelf.rows[name, due_at] = Row(holder, at, self.epoch, run_id)
            return True
        return (row.holder, row.run_id, row.finished_at) == (holder, run_id, None)

    async def merge(self, name: str, due_at: dt.datetime, into: dt.datetime, holder: str, at: dt.datetime) -> None:
        self.shelf.rows.setdefault((name, due_at), Row(holder, at, self.epoch, attempts=0, merged_into=into))

    async def skip(self, name: str, due_at: dt.datetime, why: str, holder: str, at: dt.datetime) -> None:
        self.shelf.rows.setdefault((name, due_at), Row(holder, at, self.epoch, attempts=0, skipped=why))

    async def unfinished(self, at: dt.datetime) -> Sequence[UnfinishedSlot]:
        left = [(key, row) for key, row in self.shelf.rows.items() if self.shelf.is_left(row)]
        return [
            UnfinishedSlot(name, due_at, row.run_id, row.attempts, self._is_superseded(name, due_at, at))
            for (name, due_at), row in sorted(left, key=lambda item: item[0][::-1])
        ]

    def _is_superseded(self, name: str, due_at: dt.datetime, at: dt.datetime) -> bool:
        return any(
            other == name and due_at < later <= at and row.merged_into is None and row.skipped is None
            for (other, later), row in self.shelf.rows.items()
        )

    async def resume(self, name: str, due_at: dt.datetime, holder: str, run_id: UUID, at: dt.datetime) -> UUID | None:
        row = self.shelf.rows[name, due_at]
        if self.shelf.is_left(row):
            row.holder, row.started_at, row.epoch = holder, at, self.epoch
            row.attempts, row.run_id = row.attempts + 1, row.run_id or run_id
        return row.run_id if row.epoch == self.epoch and row.is_open else None

    async def put_back(self, name: str, due_at: dt.datetime) -> None:
        row = self.shelf.rows[name, due_at]
        if row.epoch == self.epoch and row.finished_at is None:
            row.epoch, row.attempts = None, row.attempts - 1

    async def finish(
        self, name: str, due_at: dt.datetime, ok: bool, outcome: Mapping[str, Any], at: dt.datetime
    ) -> None:
        row = self.shelf.rows[name, due_at]
        row.finished_at, row.ok, row.outcome = at, ok, outcome
        if ok:
            self.shelf.issues[:] = [issue for issue in self.shelf.issues if issue[0] != name]

    async def give_up(
        self, slot: UnfinishedSlot, source: str | None, message: str, outcome: Mapping[str, Any], at: dt.datetime
    ) -> None:
        await self.finish(slot.name, slot.due_at, False, outcome, at)
        self.shelf.issues.append((slot.name, message))

    async def record(self, name: str, due_at: dt.datetime) -> ScheduledRun | None:
        row = self.shelf.rows.get((name, due_at))
        return row and ScheduledRun(name, due_at, row.started_at, row.finished_at, row.holder, row.ok)

    async def histories(self, at: dt.datetime) -> Sequence[JobHistory]:
        return [self._history(name, at) for name in sorted({name for name, _ in self.shelf.rows})]

    def _history(self, name: str, at: dt.datetime) -> JobHistory:
        rows = {due: row for (other, due), row in sorted(self.shelf.rows.items()) if other == name and due <= at}
        begun = [(due, row) for due, row in rows.items() if row.merged_into is None and row.skipped is None]
        due_at, last = begun[-1] if begun else (None, None)
        done = [
            due
            for due, row in rows.items()
            if row.finished_at or row.skipped or (row.merged_into and rows[row.merged_into].finished_at)
        ]
        took = [(row.finished_at - row.started_at).total_seconds() for _, row in begun if row.ok and row.finished_at]
        return JobHistory(
            name, due_at, last and last.started_at, last and last.finished_at, last and last.ok,
            last and last.attempts, max(done, default=None), median(took[-10:]) if took else None,
        )  # fmt: skip


class SlotDesk(Protocol):
    """A store of slots of one kind, with processes that come and go."""

    async def arrive(self, epoch: int) -> SlotBook:
        """A process takes its number; its book."""

    async def fence(self, epoch: int) -> None:
        """A process is gone, and its number shut out."""

    async def issues(self) -> list[tuple[str, str]]:
        """Open issues: job, message."""


@dataclass
class MemoryDesk:
    """Implements `SlotDesk` in memory."""

    shelf: Shelf = field(default_factory=Shelf)

    async def arrive(self, epoch: int) -> SlotBook:
        return MemorySlotBook(self.shelf, epoch)

    async def fence(self, epoch: int) -> None:
        self.shelf.fenced.add(epoch)

    async def issues(self) -> list[tuple[str, str]]:
        return list(self.shelf.issues)


@dataclass
class PostgresDesk:
    """Implements `SlotDesk` over a real server."""

    database: Database
    url: str

    async def arrive(self, epoch: int) -> SlotBook:
        await self._execute(
            "INSERT INTO store_epochs (epoch, role, pid, host, taken_at) VALUES ($1, 'daemon', 1, 'here', now())",
            epoch,
        )
        return PostgresSlotBook(self.database.fenced(epoch), epoch)

    async def fence(self, epoch: int) -> None:
        await self._execute("SELECT fence($1, now())", epoch)

    async def issues(self) -> list[tuple[str, str]]:
        rows = await self._execute("SELECT subject, message FROM issues WHERE resolved_at IS NULL ORDER BY id")
        return [(row["subject"], row["message"]) for row in rows]

    async def _execute(self, statement: str, *arguments: object) -> list[Any]:
        connection = await asyncpg.connect(self.url)
        try:
            return list(await connection.fetch(statement, *arguments))
        finally:
            await connection.close()
