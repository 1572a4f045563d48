"""What is planned and done of runs that several machines do. Implements `ports.SpreadBook`.

A note and the jobs that follow from it are one transaction: no death between them loses or doubles work.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from trivia_scraper.domain.live import SourceProgress
from trivia_scraper.domain.outcomes import SourceReport
from trivia_scraper.domain.queued_jobs import BatchJob, IndexJob
from trivia_scraper.domain.report_parts import add_part, part_from_document, part_to_document
from trivia_scraper.domain.spreading import SpreadSource
from trivia_scraper.storage.database import Database
from trivia_scraper.storage.queue import PostgresQueue


class PostgresSpreadBook:
    """Two tables, and the queue that is filled in the same transactions."""

    def __init__(self, database: Database, queue: PostgresQueue) -> None:
        self._database = database
        self._queue = queue

    async def begin(self, jobs: Sequence[IndexJob], at: dt.datetime) -> None:
        """Note the sources, queue those that are not planned, and call off what nobody waits for."""
        run_id = jobs[0].run_id
        async with self._database.transaction() as session:
            await session.execute("spread/call_off_unwanted", run_id, at)
            await session.execute("spread/begin", run_id, [job.source for job in jobs])
            waiting = {row["source"] for row in await session.fetch("spread/unplanned", run_id)}
            await self._queue.enqueue_within(session, [job for job in jobs if job.source in waiting])

    async def source(self, run_id: UUID, source: str) -> SpreadSource | None:
        """How far a source is."""
        row = await self._database.fetchrow("spread/source", run_id, source)
        return None if row is None else SpreadSource(**dict(row))

    async def plan(
        self,
        job: IndexJob,
        seen_keys: Sequence[str],
        report: SourceReport,
        batches: Sequence[BatchJob],
        at: dt.datetime,
    ) -> bool:
        """The index, its visits and its batches at once."""
        async with self._database.transaction() as session:
            document = part_to_document(report)
            if not await session.execute("spread/plan", job.run_id, job.source, list(seen_keys), document, at):
                return False
            keys = [key for batch in batches for key in batch.keys]
            await session.execute("spread/add_visits", job.run_id, job.source, keys)
            await self._queue.enqueue_within(session, batches)
            return True

    async def undone(self, job: BatchJob) -> frozenset[str]:
        """Keys of a batch without an ending."""
        rows = await self._database.fetch("spread/undone", job.run_id, job.source, list(job.keys))
        return frozenset(row["key"] for row in rows)

    async def note_visit(self, job: BatchJob, key: str, report: SourceReport, at: dt.datetime) -> None:
        """The ending of one visit, unless it has one."""
        await self._database.execute("spread/note", job.run_id, job.source, key, part_to_document(report), at)

    async def told(self, run_id: UUID, source: str) -> tuple[Sequence[str], SourceReport]:
        """The index's own part, and every visit's added to it."""
        row = await self._database.fetchrow("spread/told", run_id, source)
        assert row is not None, "asked only for what is planned"
        whole = part_from_document(row["report"])
        for visit in await self._database.fetch("spread/visits", run_id, source):
            add_part(part_from_document(visit["report"]), whole)
        return row["seen_keys"], whole

    async def conclude(self, run_id: UUID, report: SourceReport, at: dt.datetime) -> None:
        """The whole report takes the place of the index's part."""
        await self._database.execute("spread/conclude", run_id, report.slug, part_to_document(report), at)

    async def concluded(self, run_id: UUID) -> Mapping[str, SourceReport | None]:
        """Whole reports by source."""
        rows = await self._database.fetch("spread/concluded", run_id)
        return {row["source"]: part_from_document(row["report"]) if row["report"] else None for row in rows}

    async def progress(self, run_id: UUID) -> Mapping[str, SourceProgress]:
        """Counts by source."""
        rows = [dict(row) for row in await self._database.fetch("spread/progress", run_id)]
        return {row.pop("source"): SourceProgress(**row) for row in rows}

    async def call_off(self, run_id: UUID, at: dt.datetime) -> None:
        """What is left is counted as interrupted."""
        await self._database.execute("spread/call_off", run_id, at)

    async def workers(self) -> int:
        """Workers by the locks that say that they live."""
        return int(await self._database.fetchval("store_lock/live_workers"))

    async def stranded(self, run_id: UUID) -> Collection[str]:
        """Sources without a job."""
        return [row["source"] for row in await self._database.fetch("spread/stranded", run_id)]

    async def end_undone(self, run_id: UUID, source: str, report: SourceReport, at: dt.datetime) -> None:
        """Each with the same report."""
        await self._database.execute("spread/end_undone", run_id, source, part_to_document(report), at)

    async def forget(self, before: dt.datetime) -> None:
        """Drop the visits of sources that were finished before, and hosts that nobody asked since."""
        await self._database.execute("spread/forget", before)
        await self._database.execute("host_turns/forget", before)
