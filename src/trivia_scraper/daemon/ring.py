"""The loops of a daemon that does everything itself (`--role all`): schedule, requests, work, and their keeping."""

from __future__ import annotations

import asyncio
import datetime as dt
import os
import shutil
import socket
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final
from uuid import UUID, uuid4

from trivia_scraper.bootstrap import House, NoProgress
from trivia_scraper.bootstrap.gauge_keeping import GaugeKeeper
from trivia_scraper.bootstrap.metering import JobMeter
from trivia_scraper.bootstrap.weekly import write_weekly_report
from trivia_scraper.daemon.duties import Duty, Hands, clean, ended_of, has_due_recoveries, label_sources
from trivia_scraper.daemon.jobs import (
    SCHEDULE,
    Desks,
    requested_work,
    scheduled_options,
    scheduled_work,
    work_of_its_own,
)
from trivia_scraper.daemon.life import Daemon, Ring
from trivia_scraper.daemon.loops import Beat, Loop
from trivia_scraper.daemon.memory import give_back_memory
from trivia_scraper.daemon.scheduling import Surroundings, Taken, Timekeeper
from trivia_scraper.daemon.telling import Herald
from trivia_scraper.daemon.working import Ended, Turns, Workshop
from trivia_scraper.domain.cleaning import WHOLE_CLEANUP
from trivia_scraper.domain.errors import CommitUnknown, TransientError
from trivia_scraper.domain.failures import ErrorType
from trivia_scraper.domain.log_events import LogEvent
from trivia_scraper.domain.progress import progress_document
from trivia_scraper.domain.recovery import RecoveryRequest, recovery_document
from trivia_scraper.domain.requests import CHANNEL
from trivia_scraper.domain.schedules import Job, JobKind
from trivia_scraper.domain.source_health import ExpectedRun, SourceHealth
from trivia_scraper.metrics import Metrics
from trivia_scraper.pipeline.health import judge_sources
from trivia_scraper.pipeline.pruning import take_snapshot
from trivia_scraper.pipeline.recovery import recover
from trivia_scraper.policy.jobs import planned_jobs
from trivia_scraper.policy.request_attempts import given_up
from trivia_scraper.ports import Services
from trivia_scraper.settings import Settings

POLL_SECONDS: Final = 30.0
"""Requests are looked for so often even if no notification came."""
PROGRESS_SECONDS: Final = 2.0
LOCK_SECONDS: Final = 0.5
LOOK_SECONDS: Final = 60.0

STORED_AGAIN: Final = RecoveryRequest(
    include_ambiguous=True, error_types=frozenset({ErrorType.STORAGE_ERROR}), all_due=True
)


@dataclass(slots=True)
class _Seen:
    """What the loops found and others read."""

    sources: Sequence[SourceHealth] = ()
    paused: frozenset[str] = frozenset()
    jobs: tuple[Job, ...] = ()
    free_bytes: int | None = None
    told: Mapping[UUID, Mapping[str, object]] = field(default_factory=dict)


class Everything:
    """One process that reads the schedule, takes requests, and does the work."""

    def __init__(self, daemon: Daemon, house: House, hands: Hands, metrics: Metrics, herald: Herald) -> None:
        self._daemon = daemon
        self._house = house
        self._image_dir = house.settings.image_dir  # what is open: another one counts after a restart
        self._hands = hands
        self._metrics = metrics
        self._herald = herald
        self._stop = daemon.stop
        self._seen = _Seen()
        self._wake = asyncio.Event()
        self._replanned = asyncio.Event()
        self._judge_again = asyncio.Event()
        self._desks = Desks(house.requests, self.services)
        self._workshop = Workshop(
            self.services,
            Turns(self._all_sources),
            daemon.stop,
            lambda: JobMeter(metrics.counts, NoProgress(), metrics.note_run),
            self._work_ended,
        )
        self._timekeeper = Timekeeper(
            Surroundings(
                jobs=lambda: self._seen.jobs,
                start=self._start,
                running=self._workshop.is_here,
                may_take=lambda: house.lock.is_held and not daemon.stop.is_asked,
                holder=f"{os.getpid()}@{socket.gethostname()}",
                book=house.services.slots,
                clock=daemon.clock,
                new_run_id=uuid4,
                log=house.services.log,
            )
        )
        self._plan()

    def services(self) -> Services:
        """Those of the settings that count now."""
        return self._house.services

    @property
    def _settings(self) -> Settings:
        return self._daemon.settings.current

    def ring(self) -> Ring:
        """The loops, and what the daemon may ask of them."""
        vitals, house = self._daemon.vitals, self._house
        loops = (
            Loop("store lock", self._watch_lock, stale_after_seconds=10),
            Loop("database", lambda beat: vitals.watch_database(house.ping, beat), stale_after_seconds=30),
            Loop("image store", lambda beat: vitals.watch_storage(self._has_room, self._store_again, beat)),
            Loop("schedule", self._keep_schedule, stale_after_seconds=120),
            Loop("requests", self._take_requests, stale_after_seconds=120),
            Loop("work", self._workshop.run, stale_after_seconds=60),
            Loop("recovery", self._keep_recovering, stale_after_seconds=300),
            Loop("progress", self._tell_progress, stale_after_seconds=150),
            Loop("sources", self._judge_sources, stale_after_seconds=300),
            Loop("gauges", self._read_gauges, stale_after_seconds=300),
            Loop("workers", self._let_workers_go, stale_after_seconds=300),
        )
        return Ring(
            loops=loops,
            epoch=lambda: house.lock.epoch,
            holds_store=lambda: house.lock.is_held and not house.lock.is_taken,
            figures=house.status_figures,
            pool_figures=house.database.pool_figures,
            source_slugs=lambda: self._house.roster.enabled,
            jobs=self._workshop.jobs,
            next_slots=self._timekeeper.next_slots,
            sources=lambda: self._seen.sources,
            free_bytes=lambda: self._seen.free_bytes,
            database=house.database,
            notices=house.notices,
            settings_changed=self._follow_settings,
        )

    # --- the schedule

    async def _keep_schedule(self, beat: Beat) -> None:
        # Before the first slot is taken: what is paused has none.
        await self._unless_away("schedule", self._learn_pauses)
        while not self._stop.is_asked:
            beat()
            self._replanned.clear()
            await self._until(self._replanned, await self._timekeeper.turn())

    def _start(self, taken: Taken) -> bool:
        if self._stop.is_asked:
            return False
        return self._workshop.submit(scheduled_work(taken, self._do(taken.job), self._desks))

    def _do(self, job: Job) -> Duty:
        match job.kind:
            case JobKind.REFRESH:
                assert job.source is not None
                return self._pinged(self._hands.refresh(scheduled_options(job.source)))
            case JobKind.VERIFY:
                return self._hands.verify(self._settings.daemon.verify_images)
            case JobKind.ENRICHMENT:
                return self._hands.enrich
            case JobKind.CLEANUP:
                return self._hands.tidied(self._clean)
            case JobKind.SNAPSHOT:
                return self._snapshot
            case JobKind.WEEKLY_REPORT:
                return self._weekly_report

    def _plan(self) -> None:
        self._seen.jobs = planned_jobs(self._settings, self._house.roster.sections, self._seen.paused)
        self._replanned.set()

    def _follow_settings(self, settings: Settings) -> None:
        self._house = self._house.with_settings(settings)
        self._plan()
        self._metrics.know_sources(label_sources(self._all_sources()))

    def _all_sources(self) -> frozenset[str]:
        return frozenset(self._house.roster.sources)

    # --- what people ask for

    async def _take_requests(self, beat: Beat) -> None:
        async with self._house.listening(CHANNEL, self._wake.set):
            while not self._stop.is_asked:
                beat()
                self._wake.clear()
                await self._unless_away("requests", self._take_waiting)
                await self._until(self._wake, POLL_SECONDS)

    async def _take_waiting(self) -> None:
        services = self.services()
        for request in await self._house.requests.waiting():
            outcome = given_up(request)
            if outcome is not None:
                await self._house.requests.finish(request.id, False, outcome, services.clock.now())
                services.log.error(LogEvent.REQUEST_GIVEN_UP, run_id=str(request.id), attempts=request.attempts)
            else:
                self._workshop.submit(requested_work(request, self._hands.request(request), self._desks))

    async def _until(self, event: asyncio.Event, seconds: float) -> None:
        """Return after so long, at this event, or when a stop is asked for."""
        async with asyncio.TaskGroup() as group:
            ends = {group.create_task(event.wait()), group.create_task(self._stop.wait())}
            await asyncio.wait(ends, timeout=seconds / self._stop.pace, return_when=asyncio.FIRST_COMPLETED)
            for task in ends:
                task.cancel()

    async def _tell_progress(self, beat: Beat) -> None:
        """Keep how far each run is, and learn which are not wanted any more."""
        while not self._stop.is_asked:
            beat()
            await self._unless_away("progress", self._note_progress)
            await self._stop.sleep(PROGRESS_SECONDS)

    async def _note_progress(self) -> None:
        services, before, self._seen.told = self.services(), self._seen.told, {}
        for job in self._workshop.jobs():
            document = progress_document(job.progress)
            now = services.clock.now()
            if job.requested_by != SCHEDULE and await self._house.requests.note_progress(job.id, document, now):
                self._workshop.stop_one(job.id)
            if document and before.get(job.id) != document:
                await services.runs.note_progress(job.id, document, now)
            self._seen.told = {**self._seen.told, job.id: document}

    # --- duties that need more than services

    async def _snapshot(self, services: Services) -> Ended:
        report = await take_snapshot(services)
        return Ended(report.ok, report.document())

    async def _clean(self, services: Services) -> Ended:
        # The day's statistics have a time of their own, unless that is switched off.
        return await clean(replace(WHOLE_CLEANUP, keeps_statistics=not self._settings.schedule.snapshot), services)

    async def _weekly_report(self, services: Services) -> Ended:
        until = self._workshop.is_here(str(JobKind.WEEKLY_REPORT)) or services.clock.now()
        written = await write_weekly_report(until, self._settings, self._house.database, services)
        return Ended(ok=True, outcome=written.document())

    def _pinged(self, duty: Duty) -> Duty:
        async def do(services: Services) -> Ended:
            await self._herald.ping("start")
            ended = await duty(services)
            if not ended.is_cut and not ended.lost_database:
                await self._herald.ping("success" if ended.ok else "failure")
            return ended

        return do

    # --- looking after it

    def _work_ended(self, was_last: bool) -> None:
        self._judge_again.set()
        if was_last:
            give_back_memory()

    async def _let_workers_go(self, beat: Beat) -> None:
        """Once a minute: worker processes that have nothing to do end, and their memory with them."""
        while not self._stop.is_asked:
            beat()
            if not self._workshop.jobs() and await self._house.workers.rest():
                give_back_memory()
            await self._stop.sleep(LOOK_SECONDS)

    async def _watch_lock(self, beat: Beat) -> None:
        """End the daemon when somebody else has the store: whatever it writes would be refused (F46)."""
        while not self._stop.is_asked:
            beat()
            self._house.lock.raise_if_taken()
            await self._stop.sleep(LOCK_SECONDS)

    async def _keep_recovering(self, beat: Beat) -> None:
        while not self._stop.is_asked:
            await self._unless_away("recovery", self._recover_due)
            await self._rest(self._settings.daemon.recovery_every.total_seconds(), beat)

    async def _recover_due(self) -> None:
        is_wanted = self._settings.recovery.enabled and self._daemon.vitals.storage_full_at is None
        if is_wanted and not self._workshop.has("recovery") and await has_due_recoveries(self.services()):
            self._workshop.submit(
                work_of_its_own(uuid4(), "recovery", frozenset({"recovery"}), self._hands.recover_due)
            )

    async def _store_again(self) -> None:
        """There is room again: what was refused for the lack of it is fetched now, not days later (F18)."""

        async def do(services: Services) -> Ended:
            report = await recover(STORED_AGAIN, scheduled_options(), services)
            return ended_of(report.ok, recovery_document(report), report.finish_reason)

        self._workshop.submit(work_of_its_own(uuid4(), "recovery", frozenset({"recovery"}), do))

    async def _has_room(self) -> bool:
        usage = await asyncio.to_thread(shutil.disk_usage, self._image_dir)
        self._seen.free_bytes = usage.free
        return await self._house.files.has_room()

    async def _judge_sources(self, beat: Beat) -> None:
        while not self._stop.is_asked:
            beat()
            self._judge_again.clear()
            await self._unless_away("sources", self._judge)
            await self._until(self._judge_again, LOOK_SECONDS)

    async def _judge(self) -> None:
        await self._learn_pauses()
        services = self.services()
        enabled = sorted(services.settings.enabled_sources)
        self._seen.sources = await judge_sources(enabled, services, expected=await self._expected(services))

    async def _learn_pauses(self) -> None:
        paused = frozenset(await self.services().runs.paused_sources())
        if paused != self._seen.paused:
            self._seen.paused = paused
            self._plan()

    async def _expected(self, services: Services) -> Mapping[str, ExpectedRun]:
        """When each scheduled source should have run last; one whose last slot was passed over owes nothing."""
        now = services.clock.now()
        histories = {history.name: history for history in await services.slots.histories(now)}
        expected = {}
        for job in self._seen.jobs:
            due_at, history = job.crontab.latest_until(now), histories.get(job.name)
            done_until = history.done_until if history else None
            if job.source is None or due_at is None or (done_until is not None and done_until >= due_at):
                continue
            usual = dt.timedelta(seconds=history.usual_seconds) if history and history.usual_seconds else None
            # What was missed while no daemon ran is made up for at the start: it is late only if that fails, too.
            owed_at = max(due_at, self._daemon.started_at) + job.jitter
            expected[job.source] = ExpectedRun(owed_at, usual, self._workshop.has(job.name))
        return expected

    async def _read_gauges(self, beat: Beat) -> None:
        keeper = GaugeKeeper(
            self._metrics, self._house.database, self._image_dir, self._daemon.clock, self.services().log
        )
        while not self._stop.is_asked:
            beat()
            await keeper.refresh()
            await self._stop.sleep(LOOK_SECONDS)

    async def _unless_away(self, loop: str, look: Callable[[], Awaitable[None]]) -> None:
        """A turn that a lost database puts off: no fault of the loop, and others tell people of it."""
        try:
            await look()
        except (TransientError, CommitUnknown) as error:
            self.services().log.warning(LogEvent.LOOP_POSTPONED, loop=loop, error=error.message)

    async def _rest(self, seconds: float, beat: Beat) -> None:
        """Sleep in pieces: a long rest is no silence."""
        rested = 0.0
        while rested < seconds and not self._stop.is_asked:
            beat()
            piece = min(seconds - rested, LOOK_SECONDS)
            await self._stop.sleep(piece)
            rested += piece
