"""The cleanup: scan of failed pictures, files against rows, history (images.md 9, safety.md 9).

Each part stands alone: one that fails is logged with its traceback and told in the report, and the others go on. A
dry run looks at everything and writes nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final

from trivia_scraper.domain.cleaning import (
    WHOLE_CLEANUP,
    CleanupPart,
    CleanupReport,
    CleanupRequest,
    HistoryReport,
    ScanReport,
    ScheduledRun,
)
from trivia_scraper.domain.errors import DatabaseUnreachable
from trivia_scraper.domain.file_sweeps import FileFindings, SweepReport
from trivia_scraper.domain.log_events import LogEvent
from trivia_scraper.domain.options import RefreshOptions
from trivia_scraper.domain.redaction import redact_text
from trivia_scraper.domain.schedules import JobKind
from trivia_scraper.pipeline.attempts import attempt_storing
from trivia_scraper.pipeline.file_survey import survey_files
from trivia_scraper.pipeline.pruning import prune_history
from trivia_scraper.pipeline.scanning import scan_failures
from trivia_scraper.pipeline.scheduled import run_if_due, run_taken
from trivia_scraper.pipeline.sweeping import plan_of, sweep_files
from trivia_scraper.policy.schedules import latest_due
from trivia_scraper.ports import Services

SCHEDULE_NAME: Final = str(JobKind.CLEANUP)


@dataclass(slots=True)
class _Parts:
    """What has come of each part so far."""

    scan: ScanReport | None = None
    findings: FileFindings | None = None
    files: SweepReport | None = None
    history: HistoryReport | None = None
    failed: dict[str, str] = field(default_factory=dict)


async def clean_up_when_due(
    holder: str, request: CleanupRequest, options: RefreshOptions, services: Services
) -> CleanupReport | ScheduledRun:
    """The cleanup of the latest due time, unless somebody has taken it: then who (R169).

    What the daemon calls at its start and at each due time; `[cleanup] enabled` is the daemon's to look at (R172).
    """
    due_at = due_now(services)
    return await run_if_due(SCHEDULE_NAME, due_at, holder, lambda: clean_up(options, services, request), services)


async def go_on_with(
    taken: ScheduledRun, request: CleanupRequest, options: RefreshOptions, services: Services
) -> CleanupReport:
    """The rest of a cleanup of the day that ended before it was done; its due time keeps how this one ends."""
    return await run_taken(SCHEDULE_NAME, taken.due_at, lambda: clean_up(options, services, request), services)


def due_now(services: Services) -> dt.datetime:
    """The due time that a cleanup of this moment counts for."""
    return latest_due(services.settings.cleanup.schedule, services.clock.now())


async def done_already(services: Services) -> ScheduledRun | None:
    """Who has taken the cleanup of this day; None = nobody has."""
    due_at = due_now(services)
    return await attempt_storing(lambda: services.slots.record(SCHEDULE_NAME, due_at), "reading a due time", services)


async def clean_up(
    options: RefreshOptions, services: Services, request: CleanupRequest = WHOLE_CLEANUP
) -> CleanupReport:
    """Clean up now. Raises DatabaseUnreachable; whatever else happens is in the report."""
    started_at, started = services.clock.now(), services.clock.monotonic()
    services.log.info(LogEvent.CLEANUP_STARTED, parts=sorted(request.parts), dry_run=options.dry_run)
    run = None
    if not options.dry_run:
        run = await attempt_storing(
            lambda: services.cleaning.start_cleanup(started_at), "starting a cleanup", services
        )
    parts = await _do_parts(run, request, options, services)
    report = CleanupReport(
        run=run,
        dry_run=options.dry_run,
        elapsed_ms=round((services.clock.monotonic() - started) * 1000),
        scan=parts.scan,
        files=parts.files,
        history=parts.history,
        findings=parts.findings,
        failed_parts=parts.failed,
        interrupted=services.stopping(),
    )
    await _finish(report, services)
    return report


async def _do_parts(run: int | None, request: CleanupRequest, options: RefreshOptions, services: Services) -> _Parts:
    parts = _Parts()

    async def scan() -> None:
        parts.scan = await scan_failures(options, services)

    async def compare() -> None:
        parts.findings = await survey_files(request, services)
        if run is None:
            parts.files = plan_of(parts.findings)
        else:
            parts.files = await sweep_files(run, parts.findings, options, services)

    async def prune() -> None:
        parts.history = await prune_history(options, services, keeps_statistics=request.keeps_statistics)

    work = {CleanupPart.RECOVERY: scan, CleanupPart.FILES: compare, CleanupPart.HISTORY: prune}
    for part, do in work.items():
        await services.gate()
        if part in request.parts and not services.stopping():
            await _guard(part, do, parts, services)
    return parts


async def _guard(part: CleanupPart, do: Callable[[], Awaitable[None]], parts: _Parts, services: Services) -> None:
    try:
        await do()
    except DatabaseUnreachable:
        raise
    except Exception as error:
        parts.failed[part] = redact_text(str(error)) or type(error).__name__
        services.log.error(LogEvent.CLEANUP_PART_FAILED, part=part, exc_info=error)


async def _finish(report: CleanupReport, services: Services) -> None:
    document = report.document()
    services.log.info(LogEvent.CLEANUP_FINISHED, ok=report.ok, **report.counters, files=document["files"])
    if report.run is not None:
        run, at = report.run, services.clock.now()
        await attempt_storing(
            lambda: services.cleaning.finish_cleanup(run, document, at), "ending a cleanup", services
        )
