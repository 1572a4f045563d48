"""Work that the scheduler of several machines gives away: it notes and queues, workers do, it tells how it ended."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from trivia_scraper.domain.live import SourceProgress
from trivia_scraper.domain.options import RefreshOptions
from trivia_scraper.domain.outcomes import FinishReason, RunReport, SourceReport
from trivia_scraper.domain.queued_jobs import EnrichmentJob, IndexJob, QueuedJob, RecoveryJob, RequestsJob
from trivia_scraper.domain.recovery import RecoveryRequest
from trivia_scraper.pipeline.attempts import attempt_storing
from trivia_scraper.pipeline.enriching_many import choose_venues
from trivia_scraper.pipeline.run import begin_run, end_run, refresh
from trivia_scraper.policy.recovering import WAITED_FOR_SECONDS
from trivia_scraper.ports import JobQueue, Services, SpreadBook

LOOK_SECONDS: Final = 1.0
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
    ended = await _until_concluded(book, watch, services)
    if ended is None:
        report.finish_reason = FinishReason.INTERRUPTED
        return report
    await end_run(report, ended, options, services)
    return report


async def _until_concluded(book: SpreadBook, watch: SpreadWatch, services: Services) -> list[SourceReport] | None:
    run_id, is_called_off = services.run_id, False
    while True:
        found = await attempt_storing(lambda: book.concluded(run_id), "how far a run is", services)
        watch.tell(await attempt_storing(lambda: book.progress(run_id), "how far a run is", services))
        whole = [report for report in found.values() if report is not None]
        if len(whole) == len(found):
            return whole
        if watch.is_draining():
            return None
        if services.stopping() and not is_called_off:
            await attempt_storing(lambda: book.call_off(run_id, services.clock.now()), "calling a run off", services)
            is_called_off = True
        await services.sleep(LOOK_SECONDS)


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
