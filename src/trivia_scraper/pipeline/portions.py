"""A source's run in portions: its index read by one worker, its batches visited by any, concluded by the last.

A portion may arrive twice, or after a worker died in the middle of it. So the book is asked first what of it was
done, and each listing's ending is written there once; a picture that this run has refreshed is not asked for again.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from typing import Final

from trivia_scraper.domain.errors import (
    CommitUnknown,
    DatabaseUnreachable,
    SetupError,
    StorageUnavailable,
    StoreFenced,
    TriviaScraperError,
)
from trivia_scraper.domain.log_events import LogEvent
from trivia_scraper.domain.outcomes import (
    DetailOutcome,
    DetailOutcomeKind,
    Failure,
    IndexVerdict,
    SkipReason,
    SourceReport,
)
from trivia_scraper.domain.queued_jobs import (
    DONE,
    LISTINGS_PER_BATCH,
    BatchJob,
    Ended,
    Ending,
    IndexJob,
    QueuedVisit,
)
from trivia_scraper.domain.redaction import redact_text
from trivia_scraper.domain.source import Source
from trivia_scraper.domain.spreading import SpreadSource
from trivia_scraper.pipeline.attempts import attempt_storing
from trivia_scraper.pipeline.detail import refresh_detail
from trivia_scraper.pipeline.failing import page_failure
from trivia_scraper.pipeline.health import record_and_judge
from trivia_scraper.pipeline.index import conclude_source, fold, plan_source
from trivia_scraper.pipeline.limits import RunLimits
from trivia_scraper.policy.planning import Visit
from trivia_scraper.ports import Services, SpreadBook

STOPPED: Final = Ending(Ended.AGAIN, why="the worker stops")


class Portions:
    """One worker's hands: listings of one source no more at a time than in any other run."""

    def __init__(self, book: SpreadBook) -> None:
        self._book = book
        self._slots: dict[str, asyncio.Semaphore] = {}

    async def index(self, job: IndexJob, services: Services) -> Ending:
        """Read the index and queue its batches."""
        found = await self._found(job, services)
        if found is None or found.is_concluded:
            return DONE
        if found.is_called_off and not found.is_planned:
            await self.end_rest(job, *cut_off(job.source, SkipReason.INTERRUPTED), services)
            return DONE
        if not found.is_planned:
            services = services.with_log(source=job.source)
            report = SourceReport(job.source)
            keys, visits = await self._read_index(job, found, report, services)
            if report.stopped is SkipReason.INTERRUPTED:
                return STOPPED
            await self._plan(job, keys, visits, report, services)
        await self._conclude(job, services)
        return DONE

    async def _read_index(
        self, job: IndexJob, found: SpreadSource, report: SourceReport, services: Services
    ) -> tuple[list[str], list[Visit]]:
        """What the index shows and what is visited of it; a fault in reading it is told in the report."""
        try:
            source = _source(job, services)
            limits = _limits(job, found, services)
            walk, visits = await plan_source(source, limits, report, job.options, services)
        except (StorageUnavailable, DatabaseUnreachable, CommitUnknown, StoreFenced):
            raise
        except TriviaScraperError as error:
            services.log.error(LogEvent.SOURCE_CRASHED, error=redact_text(error.message))
            report.failures.append(_index_failure(error, job, services))
        except Exception as error:
            services.log.error(LogEvent.SOURCE_CRASHED, exc_info=error)
            crash = TriviaScraperError(f"unexpected {type(error).__name__}: {error}", hint="please report this")
            report.failures.append(_index_failure(crash, job, services))
        else:
            return list(walk.listings), list(visits)
        report.verdict = None
        return [], []

    async def _plan(
        self, job: IndexJob, keys: list[str], visits: list[Visit], report: SourceReport, services: Services
    ) -> None:
        batches = batches_of(job, visits)
        await attempt_storing(
            lambda: self._book.plan(job, keys, report, batches, services.clock.now()), "queueing batches", services
        )

    async def batch(self, job: BatchJob, services: Services) -> Ending:
        """Visit what nobody has visited of a batch; whoever visits the last listing concludes the source."""
        found = await self._found(job, services)
        if found is None or found.is_concluded:
            return DONE
        services = services.with_log(source=job.source)
        source, limits = _source(job, services), _limits(job, found, services)
        undone = await attempt_storing(lambda: self._book.undone(job), "what is left of a batch", services)
        waiting = [visit for visit in job.visits if visit.listing.key in undone]
        if found.is_called_off:
            await self._skip(job, waiting, SkipReason.INTERRUPTED, services)
        elif not await self._visit_all(source, job, waiting, limits, services):
            return STOPPED
        await self._conclude(job, services)
        return DONE

    async def _visit_all(
        self, source: Source, job: BatchJob, waiting: list[QueuedVisit], limits: RunLimits, services: Services
    ) -> bool:
        """Whether nothing is left."""
        most = services.settings.concurrency_per_source
        slots = self._slots.setdefault(source.slug, asyncio.Semaphore(most))
        visits = iter(waiting)
        try:
            async with asyncio.TaskGroup() as group:
                tasks = [
                    group.create_task(self._visit(source, job, visits, slots, limits, services))
                    for _ in range(min(most, len(waiting)))
                ]
        except ExceptionGroup as failed:
            # A failing listing is a value; what comes out here is a lost database: told as itself.
            raise failed.exceptions[0] from failed
        return not any(task.result() for task in tasks) and next(visits, None) is None

    async def _visit(
        self,
        source: Source,
        job: BatchJob,
        visits: Iterator[QueuedVisit],
        slots: asyncio.Semaphore,
        limits: RunLimits,
        services: Services,
    ) -> QueuedVisit | None:
        """Visit one listing after the other; the one that it left because of a stop, if any."""
        for visit in visits:
            async with slots:
                await services.gate()
                stop = limits.why_stop()
                if stop is SkipReason.INTERRUPTED:
                    return visit
                if stop is not None:
                    await self._skip(job, [visit], stop, services)
                    continue
                outcome = await refresh_detail(source, visit.listing, job.options, services, why=visit.why)
                await self._note(job, visit, outcome, services)
        return None

    async def _note(self, job: BatchJob, visit: QueuedVisit, outcome: DetailOutcome, services: Services) -> None:
        part = SourceReport(job.source)
        fold(outcome, part)
        await self._write(job, visit, part, services)
        services.progress.detail_finished(job.source, outcome)
        for image in outcome.images:
            services.progress.image_finished(job.source, image)

    async def _skip(self, job: BatchJob, visits: list[QueuedVisit], why: SkipReason, services: Services) -> None:
        for visit in visits:
            part = SourceReport(job.source)
            part.skipped[why] += 1
            await self._write(job, visit, part, services)

    async def _write(self, job: BatchJob, visit: QueuedVisit, part: SourceReport, services: Services) -> None:
        at = services.clock.now()
        await attempt_storing(
            lambda: self._book.note_visit(job, visit.listing.key, part, at), "noting a visit", services
        )

    async def _conclude(self, job: IndexJob | BatchJob, services: Services) -> None:
        """Whoever finishes the last of a source's listings does what follows from all of them. Safe to do twice."""
        found = await self._found(job, services)
        if found is None or not found.is_complete:
            return
        keys, report = await attempt_storing(
            lambda: self._book.told(job.run_id, job.source), "adding a source's parts up", services
        )
        report.seconds = found.age_seconds
        if report.verdict is None or job.source not in services.sources:
            await record_and_judge(report, services)
        else:
            await conclude_source(services.sources[job.source], keys, report, services)
        await attempt_storing(
            lambda: self._book.conclude(job.run_id, report, services.clock.now()), "concluding a source", services
        )
        services.progress.source_finished(job.source, report)

    async def end_rest(self, job: IndexJob, index: SourceReport, visit: SourceReport, services: Services) -> None:
        """End a source without doing what is left: an unread index is told as `index`, each visit as `visit`."""
        await self._plan(job, [], [], index, services)
        await attempt_storing(
            lambda: self._book.end_undone(job.run_id, job.source, visit, services.clock.now()),
            "ending visits",
            services,
        )
        await self._conclude(job, services)

    async def give_up(self, job: IndexJob | BatchJob, error: TriviaScraperError, services: Services) -> None:
        """Count what is left undone as failed, so that the run ends without it."""
        if isinstance(job, IndexJob):
            report = SourceReport(job.source, failures=[_index_failure(error, job, services)])
            await self._plan(job, [], [], report, services)
        else:
            await self._fail_rest(job, error, services)
        await self._conclude(job, services)

    async def _fail_rest(self, job: BatchJob, error: TriviaScraperError, services: Services) -> None:
        undone = await attempt_storing(lambda: self._book.undone(job), "what is left of a batch", services)
        for visit in job.visits:
            if visit.listing.key in undone:
                listing = visit.listing
                failure = page_failure(
                    error, source=job.source, venue=listing.name, url=listing.url, subject="detail"
                )
                outcome = DetailOutcome(DetailOutcomeKind.FAILED, listing.name, failure=failure)
                await self._note(job, visit, outcome, services)

    async def _found(self, job: IndexJob | BatchJob, services: Services) -> SpreadSource | None:
        return await attempt_storing(
            lambda: self._book.source(job.run_id, job.source), "how far a source is", services
        )


def cut_off(source: str, why: SkipReason) -> tuple[SourceReport, SourceReport]:
    """What is told of an index that nobody is to read any more, and of a visit. Pure."""
    index = SourceReport(source, verdict=IndexVerdict.TRUNCATED, stopped=why)
    return index, SourceReport(source, skipped=Counter({why: 1}))


def lost(source: str, error: TriviaScraperError, url: str) -> tuple[SourceReport, SourceReport]:
    """What is told of an index whose job was lost, and of a visit. Pure."""
    index = SourceReport(source)
    index.failures.append(page_failure(error, source=source, venue=None, url=url, subject="source"))
    visit = SourceReport(source, visited=1, failed=1)
    visit.failures.append(page_failure(error, source=source, venue=None, url=url, subject="detail"))
    return index, visit


def batches_of(job: IndexJob, visits: list[Visit]) -> list[BatchJob]:
    """The visits of a source's run, in portions. Pure."""
    queued = [QueuedVisit(visit.listing, visit.why) for visit in visits]
    starts = range(0, len(queued), LISTINGS_PER_BATCH)
    return [
        BatchJob(job.run_id, job.source, part, tuple(queued[start : start + LISTINGS_PER_BATCH]), job.options)
        for part, start in enumerate(starts)
    ]


def _source(job: IndexJob | BatchJob, services: Services) -> Source:
    if job.source not in services.sources:
        raise SetupError(
            f"this worker does not know the source {job.source!r}", hint="give every machine the same configuration"
        )
    return services.sources[job.source]


def _limits(job: IndexJob | BatchJob, found: SpreadSource, services: Services) -> RunLimits:
    """The run's time budget counts from its beginning, on whichever machine that was."""
    budget, deadline = job.options.max_time_seconds, None
    if budget is not None:
        deadline = services.clock.monotonic() + budget - found.age_seconds
    return RunLimits(services.clock, deadline, services.stopping)


def _index_failure(error: TriviaScraperError, job: IndexJob, services: Services) -> Failure:
    url = services.settings.index_urls.get(job.source, "")
    return page_failure(error, source=job.source, venue=None, url=url, subject="source")
