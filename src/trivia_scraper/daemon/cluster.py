"""The roles of several machines: what a scheduler gives away instead of doing it, and the one loop of a worker."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final

from structlog.typing import FilteringBoundLogger

from trivia_scraper.bootstrap import NoProgress
from trivia_scraper.bootstrap.cluster import (
    Cluster,
    Perform,
    WorkerHouse,
    open_cluster,
    open_worker_house,
    refuse_alone,
)
from trivia_scraper.bootstrap.metering import JobMeter
from trivia_scraper.daemon.duties import DUE_RECOVERY
from trivia_scraper.daemon.jobs import Do, scheduled_options
from trivia_scraper.daemon.life import Daemon, Ring
from trivia_scraper.daemon.loops import Beat, Loop
from trivia_scraper.daemon.ring import Everything
from trivia_scraper.daemon.roles import hold_store
from trivia_scraper.daemon.stopping import Stop
from trivia_scraper.daemon.telling import Herald
from trivia_scraper.daemon.working import Ended
from trivia_scraper.domain.live import JobState, SourceProgress
from trivia_scraper.domain.options import RefreshOptions
from trivia_scraper.domain.outcomes import FinishReason
from trivia_scraper.domain.queued_jobs import Delivery, Ending, VerificationJob
from trivia_scraper.domain.reports import report_document
from trivia_scraper.domain.requests import RequestKind, RunRequest
from trivia_scraper.metrics import Metrics
from trivia_scraper.pipeline.attempts import attempt_storing
from trivia_scraper.pipeline.spreading import SpreadWatch, queue_due_recoveries, queue_enrichment, refresh_spread
from trivia_scraper.ports import Services
from trivia_scraper.settings import Settings

KEPT_VISITS: Final = dt.timedelta(days=7)


class Spreading:
    """The scheduler's hands: each call has the form of the duty that it stands for."""

    def __init__(self, cluster: Cluster, stop: Stop) -> None:
        self._cluster = cluster
        self._stop = stop

    def refresh(self, options: RefreshOptions) -> Do:
        """Let the workers read sources, and wait until they have."""

        async def do(services: Services) -> Ended:
            watch = SpreadWatch(is_draining=lambda: self._stop.is_asked, tell=_teller(services))
            report = await refresh_spread(self._cluster.book, watch, options, services)
            return Ended(
                report.ok,
                report_document(report),
                is_cut=report.finish_reason is FinishReason.INTERRUPTED,
                lost_database=report.finish_reason is FinishReason.DATABASE_LOST,
            )

        return do

    async def recover_due(self, services: Services) -> Ended:
        """Queue the owners whose failed images are due."""
        queued = await queue_due_recoveries(DUE_RECOVERY, scheduled_options(), services, self._cluster.queue)
        return _queued(queued)

    async def enrich(self, services: Services) -> Ended:
        """Queue the venues whose galleries are due."""
        return _queued(await queue_enrichment(scheduled_options(), services, self._cluster.queue))

    def verify(self, most: int) -> Do:
        """Queue a verification of the oldest images."""

        async def do(services: Services) -> Ended:
            job = VerificationJob(services.run_id, most, scheduled_options())
            return _queued(
                await attempt_storing(lambda: self._cluster.queue.enqueue([job]), "queueing a verification", services)
            )

        return do

    def tidied(self, clean: Do) -> Do:
        """The cleanup of a day, done here: who holds the store cleans it. Then the queue's own old lines go."""

        async def do(services: Services) -> Ended:
            ended = await clean(services)
            now = services.clock.now()
            await attempt_storing(lambda: self._cluster.queue.prune(now), "pruning the queue's log", services)
            await attempt_storing(lambda: self._cluster.book.forget(now - KEPT_VISITS), "forgetting visits", services)
            return ended

        return do

    def request(self, request: RunRequest) -> Do | None:
        """How a person's request is given away; None = it is done here."""
        is_spread = request.kind is RequestKind.REFRESH and not request.options.retry_failed_only
        return self.refresh(request.options) if is_spread else None


class Worker:
    """The one thing that a worker does. Implements `bootstrap.cluster.WorkOnlooker`."""

    def __init__(self, daemon: Daemon, house: WorkerHouse, metrics: Metrics) -> None:
        self._daemon = daemon
        self._house = house
        self._metrics = metrics
        self._stop = daemon.stop
        self._changed = asyncio.Event()
        self._epoch: int | None = None
        self._running: dict[int, JobState] = {}
        self._beat: Beat = lambda: None

    def ring(self) -> Ring:
        """The loops, and what the daemon may ask of them."""
        vitals, house = self._daemon.vitals, self._house
        loops = (
            Loop("database", lambda beat: vitals.watch_database(house.ping, beat), stale_after_seconds=30),
            Loop("image store", lambda beat: vitals.watch_storage(house.files.has_room, _nothing_waits, beat)),
            Loop("queue", self._work, stale_after_seconds=60),
        )
        return Ring(
            loops=loops,
            epoch=lambda: self._epoch,
            holds_store=lambda: self._epoch is not None,
            settings_changed=self._follow_settings,
            figures=house.status_figures,
            pool_figures=house.database.pool_figures,
            source_slugs=lambda: self._house.roster.enabled,
            jobs=lambda: tuple(self._running.values()),
        )

    async def _work(self, beat: Beat) -> None:
        """Cancelled, it puts back what it is doing."""
        self._beat = beat
        while not self._stop.is_asked:
            self._changed.clear()
            await self._house.work(self)

    def _follow_settings(self, settings: Settings) -> None:
        """What is begun goes back to the queue, and work begins anew under the settings that count now."""
        self._house = self._house.with_settings(settings)
        self._metrics.know_sources(frozenset(self._house.roster.sources))
        self._changed.set()

    def stopping(self) -> bool:
        """Whether no job is to be taken up."""
        return self._stop.is_asked or self._changed.is_set()

    async def wait_for_stop(self) -> None:
        """Return when `stopping` has become true."""
        async with asyncio.TaskGroup() as group:
            ends = {group.create_task(self._changed.wait()), group.create_task(self._stop.wait())}
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
            for task in ends:
                task.cancel()

    def beat(self) -> None:
        """The loop is alive."""
        self._beat()

    def joined(self, epoch: int | None) -> None:
        """Under which number it writes."""
        self._epoch = epoch

    def metered(self, services: Services) -> Services:
        """Counted like any other work."""
        return JobMeter(self._metrics.counts, NoProgress(), self._metrics.note_run).attach(services)

    def watched(self, perform: Perform) -> Perform:
        """What is done now can be asked for."""

        async def do(delivery: Delivery) -> Ending:
            job, at = delivery.job, self._daemon.clock.now()
            self._running[id(delivery)] = JobState(job.run_id, job.name, "the queue", at)
            try:
                return await perform(delivery)
            finally:
                del self._running[id(delivery)]

        return do


@asynccontextmanager
async def open_scheduler(
    daemon: Daemon, metrics: Metrics, herald: Herald, log: FilteringBoundLogger
) -> AsyncIterator[Ring]:
    """Hold the store and tell workers what to do (`--role scheduler`). Raises as `open_house` and `open_cluster`."""
    refuse_alone(daemon.settings.current)
    async with hold_store(daemon, "scheduler", log) as house:
        cluster = await open_cluster(house.database, log)
        yield Everything(daemon, house, Spreading(cluster, daemon.stop), metrics, herald).ring()
        house.lock.raise_if_taken()


@asynccontextmanager
async def open_worker(daemon: Daemon, metrics: Metrics, log: FilteringBoundLogger) -> AsyncIterator[Ring]:
    """Take jobs from the queue (`--role worker`). Raises as `open_worker_house`."""
    async with open_worker_house(daemon.settings.current, log) as house:
        yield Worker(daemon, house, metrics).ring()


def _teller(services: Services) -> Callable[[Mapping[str, SourceProgress]], None]:
    """Who is told how far the workers are: the job's own meter."""
    return services.progress.show if isinstance(services.progress, JobMeter) else lambda _: None


async def _nothing_waits() -> None:
    """What was refused for want of room is due again by itself: the scheduler queues it."""


def _queued(jobs: int) -> Ended:
    outcome: Mapping[str, Any] = {"schema": 1, "ok": True, "queued": jobs}
    return Ended(ok=True, outcome=outcome)
