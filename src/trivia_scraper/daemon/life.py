"""The daemon's life: servers first, then the store, then its loops; and everything back in reverse (safety.md 12).

Two rings of loops. The outer one (listeners, lag, systemd) lives from the first moment to the last, so that somebody
answers while the database is waited for and while work is drained. The inner one works on the store, and ends first.
"""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from structlog.typing import FilteringBoundLogger

from trivia_scraper import __version__
from trivia_scraper.bootstrap import SystemClock
from trivia_scraper.daemon.leaving import LastResort
from trivia_scraper.daemon.loops import Beat, Loop, Loops
from trivia_scraper.daemon.notifying import Notifier
from trivia_scraper.daemon.reloading import LiveSettings, Reloaded
from trivia_scraper.daemon.signals import listening_to_signals
from trivia_scraper.daemon.stopping import Stop
from trivia_scraper.daemon.vitals import Vitals
from trivia_scraper.domain.errors import TransientError
from trivia_scraper.domain.gauges import PoolFigures
from trivia_scraper.domain.live import DaemonState, JobState, NextSlot, Phase
from trivia_scraper.domain.log_events import LogEvent
from trivia_scraper.domain.redaction import redact_text
from trivia_scraper.domain.source_health import SourceHealth
from trivia_scraper.policy.daemon_health import Signs, checks_of, status_sentence
from trivia_scraper.policy.watchdog import may_pet
from trivia_scraper.ports import Clock, NoticeBook
from trivia_scraper.settings import Settings
from trivia_scraper.storage.database import Database
from trivia_scraper.storage.status_figures import PostgresStatusFigures

DaemonRole = Literal["all", "scheduler", "worker"]

WAITS_SECONDS: Final = (1.0, 2.0, 5.0, 10.0)
"""Between tries to open the store; the last one repeats."""
STATUS_SECONDS: Final = 5.0
START_SECONDS: Final = 60.0
"""How long a start asks systemd for, again and again: a long migration is no reason to be killed."""
BODIES_SHARE: Final = 0.2
"""Of the grace, for what is begun; the rest is for what follows its cancellation."""
CLOSE_SECONDS: Final = 10.0
"""What closing pool, workers and embedded server may take, before the process just goes."""
HURRY_SECONDS: Final = 1.5
"""What is left of it when somebody asked twice (F07)."""
OUTER_SECONDS: Final = 2.0
"""What listeners may take to end."""


@dataclass(frozen=True, slots=True)
class Ring:
    """What works on an open store: its loops, and what they can be asked.

    epoch             the number under which this process writes
    holds_store       whether it may write now: a scheduler has the lock, a worker its number
    settings_changed  called in the loop after a reload, with what counts from now on
    figures           what the database adds to the status; sources are those that a run would read
    notices           what people were told; None = another process tells them
    """

    loops: Sequence[Loop]
    epoch: Callable[[], int | None]
    holds_store: Callable[[], bool]
    settings_changed: Callable[[Settings], None]
    figures: PostgresStatusFigures
    pool_figures: Callable[[], PoolFigures]
    source_slugs: Callable[[], Sequence[str]]
    jobs: Callable[[], tuple[JobState, ...]] = lambda: ()
    next_slots: Callable[[], tuple[NextSlot, ...]] = lambda: ()
    sources: Callable[[], Sequence[SourceHealth]] = lambda: ()
    free_bytes: Callable[[], int | None] = lambda: None
    database: Database | None = None
    notices: NoticeBook | None = None


Opening: TypeAlias = Callable[[], AbstractAsyncContextManager[Ring]]
"""Opens the store and gives the ring that works on it; raises a TransientError for what may come yet."""


class Daemon:
    """One daemon. `live` is its whole life; everything else may be asked at any moment of it."""

    def __init__(
        self,
        role: DaemonRole,
        settings: LiveSettings,
        check_settings: Callable[[Settings], None],
        notifier: Notifier,
        log: FilteringBoundLogger,
        *,
        clock: Clock | None = None,
        pace: float = 1.0,
        leave: Callable[[int], object] = os._exit,
    ) -> None:
        """`leave` ends a process that does not end by itself, with 0 after a stop and 1 after a fault.

        clock, pace  None = the machine's; another one may be `pace` times as quick, and every wait is so much shorter
        """
        self.role = role
        self.settings = settings
        self._check_settings = check_settings
        self._notifier = notifier
        self._log = log
        self.clock = clock or SystemClock()
        self.stop, self.gone = Stop(pace), Stop(pace)
        self.vitals = Vitals(self.clock, self.stop, self.gone, log)
        self._outer = Loops(self.gone, self.clock.monotonic, log)
        self._inner = Loops(self.stop, self.clock.monotonic, log)
        self._phase = Phase.STARTING
        self._waiting_for = ""
        self.last_resort = LastResort(
            lambda: log.error(LogEvent.DAEMON_ABANDONED, next="the next start puts in order what was left"),
            lambda: leave(1 if self.stop.error else 0),
        )
        self.started_at = self.clock.now()
        self.ring: Ring | None = None

    @property
    def phase(self) -> Phase:
        """Where it is in its life."""
        return self._phase

    async def sleep(self, seconds: float) -> None:
        """Wait so many seconds of the daemon's clock."""
        await asyncio.sleep(seconds / self.stop.pace)

    def reload(self) -> Reloaded:
        """Read the settings anew, and let the loops know (SIGHUP, `status --reload`)."""
        is_told = self._phase is Phase.READY  # before and after, systemd waits for something else
        if is_told:
            self._notifier.reloading()
        try:
            reloaded = self.settings.reload(self._check_settings)
            if not reloaded.error and self.ring is not None:
                self.ring.settings_changed(self.settings.current)
        finally:
            if is_told:
                self._notifier.ready()
            self._tell_systemd()
        return reloaded

    def state(self) -> DaemonState:
        """How it is at this moment."""
        signs, ring = self._signs(), self.ring
        jobs = ring.jobs() if ring else ()
        next_slots = ring.next_slots() if ring else ()
        return DaemonState(
            version=__version__,
            role=self.role,
            pid=os.getpid(),
            host=socket.gethostname(),
            epoch=ring.epoch() if ring else None,
            started_at=self.started_at,
            phase=self._phase,
            status_line=status_sentence(signs, jobs, next_slots),
            loops=tuple(signs.loops),
            jobs=jobs,
            next_slots=next_slots,
            checks=checks_of(signs),
            loop_lag_seconds=self.vitals.lag_seconds,
            settings_error=self.settings.last.error,
            restart_keys=self.settings.last.restart_keys,
            database_lost_at=self.vitals.database_lost_at,
            storage_full_at=self.vitals.storage_full_at,
        )

    async def live(self, outer: Sequence[Loop], opening: Opening) -> None:
        """Live until a stop is asked for. Raises what ends a daemon: InstanceLocked, SetupError, StorageFull …

        outer    loops that need no store, such as the listeners'
        opening  opens the inner ring; called again while the database is away
        """
        self._log.info(LogEvent.DAEMON_STARTED, role=self.role, version=__version__, pid=os.getpid())
        with listening_to_signals(self.stop, self.reload, self._log):
            async with asyncio.TaskGroup() as group:
                loops = [
                    group.create_task(self._outer.keep(loop), name=f"loop {loop.name}")
                    for loop in (*outer, *self._own_loops())
                ]
                ending = group.create_task(self._see_to_the_end(), name="end")
                await asyncio.sleep(0)  # they all have begun: whoever sees to the end is the first to hear of it
                try:
                    await self._until_stopped(opening)
                except Exception as error:  # noqa: BLE001 - raised below, when everything is closed
                    self.stop.fail(error)
                ending.cancel()
                await self._end_outer_ring(loops)
        self._phase = Phase.STOPPED
        self._log.info(LogEvent.DAEMON_STOPPED, reason=redact_text(self.stop.reason))
        if self.stop.error is not None:
            raise self.stop.error

    async def _see_to_the_end(self) -> None:
        """A stop that was asked for is told at once, and comes to an end whatever hangs."""
        await self.stop.wait()
        self._phase = Phase.DRAINING
        grace = self.settings.current.daemon.shutdown_grace_seconds
        longest = max(grace, BODIES_SHARE * grace + CLOSE_SECONDS)
        self.last_resort.arm(longest)
        self._log.info(LogEvent.DAEMON_DRAINING, reason=redact_text(self.stop.reason), grace_seconds=grace)
        self._notifier.stopping()
        self._notifier.extend_timeout(longest)
        self._tell_systemd()
        await self.stop.wait_at_once()
        self.last_resort.arm(HURRY_SECONDS)

    async def _end_outer_ring(self, loops: Sequence[asyncio.Task[None]]) -> None:
        self.gone.ask("the end")
        await asyncio.wait(loops, timeout=OUTER_SECONDS)
        for loop in loops:
            loop.cancel()

    def _own_loops(self) -> Sequence[Loop]:
        return (
            Loop("event loop", self.vitals.watch_lag, stale_after_seconds=10),
            Loop("systemd", self._tell_on, stale_after_seconds=30),
        )

    async def _until_stopped(self, opening: Opening) -> None:
        tries = 0
        while not self.stop.is_asked:
            ring: Ring | None = None
            async with AsyncExitStack() as closing:
                try:
                    async with self.stop.cutting_short():  # embedded server, migration, recovery: it may take long
                        ring = await closing.enter_async_context(opening())
                except TransientError as error:
                    await self._wait(error, tries)
                    tries += 1
                if ring is not None and not self.stop.is_asked:
                    await self._go_round(ring)

    async def _wait(self, error: TransientError, tries: int) -> None:
        if self.stop.is_asked:
            return
        seconds = WAITS_SECONDS[min(tries, len(WAITS_SECONDS) - 1)]
        self._phase, self._waiting_for = Phase.WAITING, redact_text(error.message)
        self._log.warning(LogEvent.DAEMON_WAITING, error=self._waiting_for, wait_seconds=seconds)
        self._tell_systemd()
        await self.stop.sleep(seconds)

    async def _go_round(self, ring: Ring) -> None:
        self.ring = ring
        tasks: set[asyncio.Task[None]] = set()
        try:
            async with asyncio.TaskGroup() as group:
                for loop in ring.loops:
                    tasks.add(group.create_task(self._inner.keep(loop), name=f"loop {loop.name}"))
                self._phase = Phase.READY
                self._notifier.ready()
                self._tell_systemd()
                self._log.info(LogEvent.DAEMON_READY, epoch=ring.epoch())
                await self.stop.wait()
                await self._drain(tasks)
        finally:
            self.ring = None

    async def _drain(self, tasks: set[asyncio.Task[None]]) -> None:
        """Let what is begun end within the grace; then, or when asked twice, give it up."""
        grace = self.settings.current.daemon.shutdown_grace_seconds
        async with asyncio.TaskGroup() as group:
            at_once = group.create_task(self.stop.wait_at_once())
            ended = group.create_task(_all(tasks))
            await asyncio.wait({at_once, ended}, timeout=BODIES_SHARE * grace, return_when=asyncio.FIRST_COMPLETED)
            for task in tasks:
                task.cancel()
            at_once.cancel()

    def _signs(self) -> Signs:
        return Signs(
            phase=self._phase,
            loops=(*self._outer.states(), *self._inner.states()),
            lock_held=self.ring is not None and self.ring.holds_store(),
            database_lost_at=self.vitals.database_lost_at,
            storage_full_at=self.vitals.storage_full_at,
            storage_error=self.vitals.storage_error,
            waiting_for=self._waiting_for,
            settings_error=self.settings.last.error,
            restart_keys=self.settings.last.restart_keys,
            sources=self.ring.sources() if self.ring else (),
        )

    async def _tell_on(self, beat: Beat) -> None:
        """STATUS every few seconds, a sign of life as often as systemd wants one."""
        seconds = min(STATUS_SECONDS, self._notifier.watchdog_interval or STATUS_SECONDS)
        while not self.gone.is_asked:
            beat()
            if self._phase in (Phase.STARTING, Phase.WAITING):
                self._notifier.extend_timeout(START_SECONDS)
            self._tell_systemd()
            self._pet()
            await self.gone.sleep(seconds)

    def _tell_systemd(self) -> None:
        self._notifier.status(self.state().status_line)

    def _pet(self) -> None:
        if self._notifier.watchdog_interval is None:
            return
        state = self.state()
        schedule = [loop for loop in state.loops if loop.name == "schedule"]
        may, why = may_pet(
            state.loop_lag_seconds,
            loops_fresh=all(loop.is_fresh or loop.state != "running" for loop in state.loops),
            scheduler_ticked=all(loop.is_fresh for loop in schedule),
            database_answers=state.database_lost_at is None,
            # Readiness already says so; a restart would bring neither database nor drained work any sooner.
            knowingly_waiting=state.phase is not Phase.READY or state.database_lost_at is not None,
        )
        if may:
            self._notifier.watchdog()
        else:
            self._log.warning(LogEvent.WATCHDOG_WITHHELD, why=why)


async def _all(tasks: set[asyncio.Task[None]]) -> None:
    await asyncio.wait(tasks)
