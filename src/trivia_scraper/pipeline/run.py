"""One run: every chosen source, side by side, one report."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from trivia_scraper.domain.errors import (
    CommitUnknown,
    DatabaseUnreachable,
    SetupError,
    StorageUnavailable,
    TriviaScraperError,
)
from trivia_scraper.domain.failures import Reason
from trivia_scraper.domain.log_events import LogEvent
from trivia_scraper.domain.options import RefreshOptions
from trivia_scraper.domain.outcomes import Failure, FinishReason, IndexVerdict, RunReport, SkipReason, SourceReport
from trivia_scraper.domain.source import Source
from trivia_scraper.pipeline.attempts import attempt_storing
from trivia_scraper.pipeline.failing import page_failure
from trivia_scraper.pipeline.health import record_and_judge
from trivia_scraper.pipeline.index import refresh_source
from trivia_scraper.pipeline.limits import RunLimits
from trivia_scraper.ports import Services


async def refresh(options: RefreshOptions, services: Services) -> RunReport:
    """Refresh the chosen sources. Raises SetupError for a source or venue that does not exist.

    Every other failure is in the report; only cancellation passes through.
    """
    report, sources = await begin_run(options, services)
    limits = _limits(options, services)
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(_one_source(source, limits, options, services)) for source in sources]
    await end_run(report, [task.result() for task in tasks], options, services)
    return report


async def begin_run(options: RefreshOptions, services: Services) -> tuple[RunReport, Sequence[Source]]:
    """Note that a run begins; its report so far, and the sources that it reads. Raises as `refresh` does."""
    sources = _choose_sources(options, services)
    await _refuse_unknown_venues(options, services)
    report = RunReport(services.run_id, options, services.clock.now())
    sources = await _leave_paused(sources, report, options, services)
    services.log.info(
        LogEvent.RUN_STARTED, options=options.model_dump(mode="json"), sources=[s.slug for s in sources]
    )
    if not options.dry_run:
        await attempt_storing(
            lambda: services.runs.start_run(services.run_id, options, report.started_at), "starting the run", services
        )
    return report, sources


async def end_run(
    report: RunReport, ended: Sequence[SourceReport], options: RefreshOptions, services: Services
) -> None:
    """Fold the sources' reports into the run's, and note that the run has ended."""
    for source in ended:
        report.sources[source.slug] = source
        report.failures += source.failures
    _tell_broken_descriptions(report, options, services)
    _tell_venues_without_listing(report, options)
    await _finish(report, options, services)


def _tell_venues_without_listing(report: RunReport, options: RefreshOptions) -> None:
    # R28: a run that was asked for a venue and found no listing of it says so, instead of ending in silence.
    chosen = sum(s.listed - s.skipped[SkipReason.NOT_CHOSEN] for s in report.sources.values())
    if options.venues and report.sources and not chosen:
        named = ", ".join(options.venues)
        next(iter(report.sources.values())).warnings.append(f"no chosen source lists {named} at present")


def _tell_broken_descriptions(report: RunReport, options: RefreshOptions, services: Services) -> None:
    # A mistake in one description must not keep the others from being read, nor pass unseen.
    for name, problem in services.settings.broken_sources.items() if not options.sources else ():
        services.log.error(LogEvent.SOURCE_BROKEN, source=name, error=problem)
        error = SetupError(problem)
        report.sources[name] = SourceReport(name, verdict=IndexVerdict.FAILED)
        report.sources[name].failures = [page_failure(error, source=name, venue=None, url="", subject="description")]
        report.failures += report.sources[name].failures


def _choose_sources(options: RefreshOptions, services: Services) -> Sequence[Source]:
    for slug in options.sources:
        if slug in services.settings.broken_sources:
            raise SetupError(services.settings.broken_sources[slug])
        if slug not in services.sources:
            raise SetupError(f"no source is called {slug!r}", hint="trivia-scraper sources list")
    chosen = options.sources or [slug for slug in services.sources if slug in services.settings.enabled_sources]
    if not chosen:
        raise SetupError(
            "no source is enabled", hint="set [sources.<slug>] enabled = true, or name one with --source"
        )
    return [services.sources[slug] for slug in dict.fromkeys(chosen)]


async def _leave_paused(
    sources: Sequence[Source], report: RunReport, options: RefreshOptions, services: Services
) -> Sequence[Source]:
    """What a person stopped for a while is read only when it is named; the report says that it was left out."""
    if options.sources:
        return sources
    paused = await attempt_storing(services.runs.paused_sources, "paused sources", services)
    for source in sources:
        if source.slug in paused:
            stop = paused[source.slug]
            by = f" by {stop.by}" if stop.by else ""
            why = f"paused since {stop.since:%Y-%m-%d %H:%M} UTC{by}{f', {stop.why}' if stop.why else ''}"
            told = f"{why}: trivia-scraper sources resume {source.slug}"
            report.sources[source.slug] = SourceReport(source.slug, verdict=IndexVerdict.PAUSED, warnings=[told])
            services.log.info(LogEvent.SOURCE_PAUSED, source=source.slug, why=why)
    return [source for source in sources if source.slug not in paused]


async def _refuse_unknown_venues(options: RefreshOptions, services: Services) -> None:
    if not options.venues:
        return
    unknown = await attempt_storing(
        lambda: services.catalog.unknown_venues(options.venues), "looking venues up", services
    )
    for slug, close in unknown.items():
        raise SetupError(
            f"no venue is called {slug!r}" + (f"; did you mean {' or '.join(map(repr, close))}?" if close else ""),
            hint="trivia-scraper venues list",
        )


def _limits(options: RefreshOptions, services: Services) -> RunLimits:
    budget = options.max_time_seconds
    deadline = None if budget is None else services.clock.monotonic() + budget
    return RunLimits(services.clock, deadline, services.stopping)


async def _one_source(source: Source, limits: RunLimits, options: RefreshOptions, services: Services) -> SourceReport:
    """One source, whatever happens to it: a fault here never reaches the other sources (N7, O10)."""
    report = SourceReport(source.slug)
    try:
        await refresh_source(source, limits, report, options, services)
    except TriviaScraperError as error:
        report.database_lost = isinstance(error, StorageUnavailable | DatabaseUnreachable | CommitUnknown)
        if report.database_lost:
            services.log.error(LogEvent.DATABASE_LOST, source=source.slug, error=str(error))
        else:
            services.log.error(LogEvent.SOURCE_CRASHED, source=source.slug, error=str(error))
        report.failures.append(_source_failure(error, source, services))
    except Exception as error:
        services.log.error(LogEvent.SOURCE_CRASHED, source=source.slug, exc_info=error)
        crash = TriviaScraperError(f"unexpected {type(error).__name__}: {error}", hint="please report this")
        report.failures.append(_source_failure(crash, source, services))
    else:
        return report
    if not report.database_lost and not options.dry_run:
        await _record_crash(report, services)
    return report


async def _record_crash(report: SourceReport, services: Services) -> None:
    try:
        await record_and_judge(report, services)
    except TriviaScraperError as error:
        report.database_lost = True
        services.log.error(LogEvent.DATABASE_LOST, source=report.slug, error=str(error))


def _source_failure(error: TriviaScraperError, source: Source, services: Services) -> Failure:
    url = services.settings.index_urls[source.slug]
    return page_failure(error, source=source.slug, venue=None, url=url, subject="source")


async def _finish(report: RunReport, options: RefreshOptions, services: Services) -> None:
    report.finished_at = services.clock.now()
    report.finish_reason = finish_reason(report)
    services.log.info(
        LogEvent.RUN_FINISHED,
        ok=report.ok,
        finish_reason=report.finish_reason,
        failures=len(report.failures),
        visited=sum(source.visited for source in report.sources.values()),
        duration_ms=round((report.finished_at - report.started_at).total_seconds() * 1000),
    )
    if options.dry_run:
        return
    try:
        await attempt_storing(lambda: services.runs.finish_run(report), "finishing the run", services)
    except (StorageUnavailable, DatabaseUnreachable) as error:
        services.log.error(LogEvent.DATABASE_LOST, error=str(error))
        report.finish_reason = FinishReason.DATABASE_LOST


def finish_reason(report: RunReport) -> FinishReason:
    """Why the run ended, the gravest reason first (O30)."""
    skips = {reason for source in report.sources.values() for reason, number in source.skipped.items() if number}
    skips |= {source.stopped for source in report.sources.values() if source.stopped is not None}
    if any(source.database_lost for source in report.sources.values()):
        return FinishReason.DATABASE_LOST
    if any(failure.reason is Reason.DISK_FULL for failure in report.failures):
        return FinishReason.STORAGE_FULL
    if SkipReason.INTERRUPTED in skips:
        return FinishReason.INTERRUPTED
    if SkipReason.OUT_OF_TIME in skips:
        return FinishReason.MAX_TIME
    return FinishReason.LIMIT if SkipReason.BEYOND_LIMIT in skips else FinishReason.DONE
