"""Work that the scheduler of several machines gives away: it notes and queues, workers do, it tells how it ended."""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar
from uuid import UUID

from trivia_scraper.domain.errors import TriviaScraperError
from trivia_scraper.domain.live import SourceProgress
from trivia_scraper.domain.log_events import LogEvent
from trivia_scraper.domain.options import RefreshOptions
from trivia_scraper.domain.outcomes import FinishReason, RunReport, SkipReason, SourceReport
from trivia_scraper.domain.queued_jobs import EnrichmentJob, IndexJob, QueuedJob, RecoveryJob, RequestsJob
from trivia_scraper.domain.recovery import RecoveryRequest
from trivia_scraper.pipeline.attempts import attempt_storing
from trivia_scraper.pipeline.enriching_many import choose_venues
from trivia_scraper.pipeline.portions import Portions, cut_off, lost
from trivia_scraper.pipeline.run import begin_run, end_run, refresh
from trivia_scraper.policy.recovering import WAITED_FOR_SECONDS
from trivia_scraper.ports import JobQueue, Services, SpreadBook

Answer = TypeVar("Answer")

LOOK_SECONDS: Final = 1.0
LOOKS_FOR_WORKERS: Final = 30
MOST_OWNERS_QUEUED: Final = 500


@dataclass(frozen=True, slots=True)
class SpreadWatch:
    """Whoever waits for a run that others do.

    is_draining  this process stops: the run goes on without it. A stop of the services without it calls the run off
    tell         called with the progress of each source now and then
    """

    is_draining: Callable[[], bool]
    tell: Callable[[Mapping[str, SourceProgress]], None]


async def refresh_spread(
    book: SpreadBook, watch: SpreadWatch, options: RefreshOptions, services: Services
) -> RunReport:
    """`pipeline.run.refresh`, done by the workers; waits until they have finished. Raises SetupError as that does.

    Where this process drains, the report says INTERRUPTED and nothing is stored of it: whoever calls this again with
    the same run id waits for the rest.
    """
    if options.dry_run:
        return await refresh(options, services)
    report, sources = await begin_run(options, services)
    jobs = [IndexJob(services.run_id, source.slug, options) for source in sources]
    if jobs:
        await attempt_storing(lambda: book.begin(jobs, report.started_at), "queueing a run", services)
    ended = await _Waiting(book, watch, options, services).until_concluded()
    if ended is None:
        report.finish_reason = FinishReason.INTERRUPTED
        return report
    await end_run(report, ended, options, services)
    return report


@dataclass(slots=True)
class _Waiting:
    """Waits until the workers have finished a run, and ends by itself what none of them will."""

    book: SpreadBook
    watch: SpreadWatch
    options: RefreshOptions
    services: Services
    is_called_off: bool = False
    is_unattended: bool = False
    looks: int = 0

    async def until_concluded(self) -> list[SourceReport] | None:
        """The whole reports of all sources; None = this process drains."""
        while True:
            found = await self._asked(self.book.concluded)
            self.watch.tell(await self._asked(self.book.progress))
            left = [source for source, report in found.items() if report is None]
            if not left:
                return [report for report in found.values() if report is not None]
            if self.watch.is_draining():
                return None
            await self._miss_workers()
            await self._mend(left)
            await self.services.sleep(LOOK_SECONDS)

    async def _mend(self, left: Sequence[str]) -> None:
        if self.services.stopping() and not self.is_called_off:
            now = self.services.clock.now()
            await self._asked(lambda run_id: self.book.call_off(run_id, now))
            self.is_called_off = True
        why = await self._why_over(left[0])
        if why is not None and not await self._has_workers():
            for source in left:
                await self._end(source, *cut_off(source, why))
            return
        for source in await self._asked(self.book.stranded):
            await self._end_lost(source)

    async def _why_over(self, source: str) -> SkipReason | None:
        """Why workers would do nothing of what is left: then nobody needs to wait for them."""
        if self.is_called_off:
            return SkipReason.INTERRUPTED
        budget = self.options.max_time_seconds
        if budget is None:
            return None
        found = await self._asked(lambda run_id: self.book.source(run_id, source))
        return SkipReason.OUT_OF_TIME if found is not None and found.age_seconds >= budget else None

    async def _miss_workers(self) -> None:
        self.looks += 1
        if self.looks % LOOKS_FOR_WORKERS != 1:
            return
        was_unattended, self.is_unattended = self.is_unattended, not await self._has_workers()
        if self.is_unattended and not was_unattended:
            self.services.log.warning(
                LogEvent.QUEUE_UNATTENDED, next="start one: trivia-scraper daemon --role worker"
            )

    async def _has_workers(self) -> bool:
        return await attempt_storing(self.book.workers, "counting workers", self.services) > 0

    async def _end_lost(self, source: str) -> None:
        """Else whoever waits for the run would wait for ever."""
        services, why = self.services, f"a job of {source} was lost from the queue"
        services.log.error(LogEvent.QUEUE_JOB_HELD, source=source, error=why)
        message = f"{why}: what it left undone counts as failed; the next run tries it again"
        await attempt_storing(
            lambda: services.runs.raise_issue(
                "held_job", source, source, message, services.run_id, services.clock.now()
            ),
            "raising an issue",
            services,
        )
        url = services.settings.index_urls.get(source, "")
        await self._end(source, *lost(source, TriviaScraperError(why), url))

    async def _end(self, source: str, index: SourceReport, visit: SourceReport) -> None:
        job = IndexJob(self.services.run_id, source, self.options)
        await Portions(self.book).end_rest(job, index, visit, self.services)

    async def _asked(self, question: Callable[[UUID], Awaitable[Answer]]) -> Answer:
        run_id = self.services.run_id
        return await attempt_storing(lambda: question(run_id), "how far a run is", self.services)


async def queue_due_recoveries(
    request: RecoveryRequest, options: RefreshOptions, services: Services, queue: JobQueue
) -> int:
    """A job for each owner with failed images that are due, and one for the recoveries that people asked for.

    Returns how many were queued; what waits or runs already is not queued twice.
    """
    waiting = await attempt_storing(lambda: services.recoveries.waiting(1), "reading the queue", services)
    jobs: list[QueuedJob] = [RequestsJob(services.run_id, options)] if waiting else []
    due_before = services.clock.now() + dt.timedelta(seconds=WAITED_FOR_SECONDS)
    owners = await attempt_storing(
        lambda: services.recoveries.owners(request, due_before, (), MOST_OWNERS_QUEUED, options),
        "finding owners",
        services,
    )
    jobs += [
        RecoveryJob(services.run_id, found.owner.kind, found.owner.id, request.include_ambiguous, options)
        for found in owners
    ]
    return await attempt_storing(lambda: queue.enqueue(jobs), "queueing recoveries", services)


async def queue_enrichment(options: RefreshOptions, services: Services, queue: JobQueue) -> int:
    """A job for each venue that the options name, else for each stale one; returns how many were queued."""
    chosen = await choose_venues(options, services)
    jobs = [EnrichmentJob(services.run_id, slug, options) for slug in chosen.venues]
    return await attempt_storing(lambda: queue.enqueue(jobs), "queueing enrichments", services)
