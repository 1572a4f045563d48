"""The report of the week that nobody asked for by hand: made by the clock, kept as files (images.md 10)."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from trivia_scraper.domain.documents import json_text, redacted
from trivia_scraper.domain.log_events import LogEvent
from trivia_scraper.domain.weekly import WeeklyReport
from trivia_scraper.pipeline.attempts import attempt_storing
from trivia_scraper.pipeline.reporting.weekly_page import weekly_page
from trivia_scraper.ports import ReportShelf, Services


@dataclass(frozen=True, slots=True)
class WrittenReport:
    """Where the report of a week lies."""

    files: Sequence[Path]
    ok: bool = True

    def document(self) -> dict[str, Any]:
        """As JSON has it."""
        return {"files": [str(path) for path in self.files]}


async def write_weekly_report(
    until: dt.datetime,
    report: Callable[[dt.datetime, dt.datetime], Awaitable[WeeklyReport]],
    shelf: ReportShelf,
    services: Services,
) -> WrittenReport:
    """The seven days before `until` (the slot that was due) as a page and as the document of `report weekly --json`.

    report  makes it of (until, now). Raises StorageFull, StorageUnavailable.
    """
    found = await attempt_storing(
        lambda: report(until, services.clock.now()), "reading the figures of the week", services
    )
    # Charts and markup of a busy week take long enough to hold up the loop.
    page = await asyncio.to_thread(weekly_page, found)
    texts = {".html": page, ".json": weekly_json(found)}
    files, gone = await shelf.keep(f"weekly-{until.astimezone(dt.UTC):%Y-%m-%d}", texts)
    services.log.info(LogEvent.REPORT_WRITTEN, files=[str(path) for path in files], removed=gone)
    return WrittenReport(files)


def weekly_json(report: WeeklyReport) -> str:
    """The document as text."""
    return json_text(redacted({"ok": True, "report": asdict(report)}))
