"""Runs and what each source yielded. Implements `ports.RunLog`."""

from __future__ import annotations

import datetime as dt
import json
import os
import socket
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from trivia_scraper.domain.catalog import SourceBaseline
from trivia_scraper.domain.models import Listing
from trivia_scraper.domain.options import RefreshOptions, options_to_json
from trivia_scraper.domain.outcomes import DetailOutcome, IndexVerdict, RunReport, SourceReport
from trivia_scraper.domain.reports import report_document
from trivia_scraper.domain.source_health import PausedSource, SourceHealth, SourceRecord
from trivia_scraper.storage import source_health
from trivia_scraper.storage.database import Database
from trivia_scraper.storage.source_health import stored_report


class PostgresRunLog:
    """Every write carries the epoch under which this process holds the store."""

    def __init__(self, database: Database, epoch: int) -> None:
        self._database = database
        self._epoch = epoch

    async def start_run(self, run_id: UUID, options: RefreshOptions, at: dt.datetime) -> None:
        """Record the beginning and the whole options."""
        document = json.loads(options_to_json(options))
        await self._database.execute(
            "runs/start", run_id, document, self._epoch, os.getpid(), socket.gethostname(), at
        )

    async def note_progress(self, run_id: UUID, progress: Mapping[str, Any], at: dt.datetime) -> None:
        """Keep how far a run is."""
        await self._database.execute("runs/note_progress", run_id, dict(progress), at)

    async def finish_run(self, report: RunReport) -> None:
        """Record the end and the whole report."""
        await self._database.execute(
            "runs/finish", report.run_id, report.finished_at, report.finish_reason, report.ok, report_document(report)
        )

    async def baseline(self, source: str) -> SourceBaseline:
        """Listings of the last ten complete runs, newest first."""
        counts = tuple(row["listed"] for row in await self._database.fetch("runs/baseline", source))
        return SourceBaseline(counts[0] if counts else None, counts)

    async def record_source_run(self, run_id: UUID, report: SourceReport, at: dt.datetime) -> None:
        """Keep counts and verdict; a complete one becomes part of the baseline."""
        verdict = report.verdict or IndexVerdict.FAILED
        async with self._database.transaction() as connection:
            await connection.execute("runs/save_source", report.slug, verdict, report.usable, at)
            await connection.execute(
                "runs/save_source_run", run_id, report.slug, verdict, report.usable, stored_report(report), at,
                report.read_pages, dict(report.coverage),
            )  # fmt: skip

    async def note_failed_visit(
        self, listing: Listing, outcome: DetailOutcome, why: str, run_id: UUID, at: dt.datetime
    ) -> None:
        """One line for this visit; none for a listing whose venue is not known."""
        failure = outcome.failure
        await self._database.execute(
            "visits/fail", listing.source, listing.key, run_id, at, why, outcome.kind,
            failure.error_type if failure is not None else None, failure.message if failure is not None else None,
        )  # fmt: skip

    async def raise_issue(
        self, kind: str, source: str | None, subject: str, message: str, run_id: UUID, at: dt.datetime
    ) -> None:
        """Open an issue, or renew the open one of the same subject."""
        await self._database.execute("runs/raise_issue", kind, source, subject, message, run_id, at)

    async def resolve_issue(self, kind: str, source: str | None, subject: str, at: dt.datetime) -> None:
        """Close the open issue of this subject, if there is one."""
        await self._database.execute("runs/resolve_issue", kind, source, subject, at)

    async def source_records(self, sources: Sequence[str]) -> Mapping[str, SourceRecord]:
        """All that these sources are judged by."""
        return await source_health.source_records(self._database, sources)

    async def keep_health(self, health: SourceHealth) -> None:
        """How a source fares by now."""
        await source_health.keep_health(self._database, health)

    async def paused_sources(self) -> Mapping[str, PausedSource]:
        """Sources that a person stopped for a while, by slug."""
        return await source_health.paused_sources(self._database)
