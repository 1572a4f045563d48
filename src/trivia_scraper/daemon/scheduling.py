"""Keeps the schedule: looks at the clocks, takes the slots that are due, hands their work on.

Each turn asks the pure rules of `policy.slots` about the last slot of every job, and takes it by one insert, which
decides over all daemons. The work itself is begun elsewhere: a turn never waits for it. A database that is away costs
no slot: what could not be taken is asked for again at the next turn.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Final, NoReturn
from uuid import UUID

from structlog.typing import FilteringBoundLogger

from trivia_scraper.domain.errors import CommitUnknown, TransientError
from trivia_scraper.domain.live import NextSlot
from trivia_scraper.domain.log_events import LogEvent
from trivia_scraper.domain.requests import MOST_ATTEMPTS
from trivia_scraper.domain.schedules import Job, Slot, UnfinishedSlot
from trivia_scraper.policy.slots import (
    ClockReading,
    Frame,
    Resumption,
    SlotStep,
    awake_since_after,
    frame_of,
    jump_seconds,
    resumption_of,
    seconds_until_next,
    step_for,
)
from trivia_scraper.ports import Clock, SlotBook

RETRY_SECONDS: Final = 5.0
"""After a turn that could not ask the database, or was not allowed to: the lock is back sooner than a slot."""

MISSED: Final = 'missed, and [schedule] catch_up is "skip"'

_BEFORE_THE_START: Final = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)

_WHY: Final = {
    Resumption.GIVE_UP: f"begun {MOST_ATTEMPTS} times, and each time the process ended before the work did",
    Resumption.SUPERSEDED: "a later slot was begun instead",
    Resumption.UNPLANNED: "it is not scheduled any more",
}


@dataclass(frozen=True, slots=True)
class Taken:
    """A slot that this process has to run, under `run_id`; `is_resumed`: another process had begun with it."""

    job: Job
    due_at: dt.datetime
    run_id: UUID
    is_resumed: bool


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the schedule is kept with.

    jobs        what is planned; asked at every turn, so that a reload counts at the next one
    start       takes up the work and returns at once; False = not now, ask again at the next turn
    running     due time of the slot of this name that runs or waits to run; None = none does
    may_take    whether slots may be taken now: the store is held, nobody asked for a stop
    holder      this process, unlike any other: pid and host
    """

    jobs: Callable[[], Sequence[Job]]
    start: Callable[[Taken], bool]
    running: Callable[[str], dt.datetime | None]
    may_take: Callable[[], bool]
    holder: str
    book: SlotBook
    clock: Clock
    new_run_id: Callable[[], UUID]
    log: FilteringBoundLogger


@dataclass(slots=True)
class _Track:
    """What is kept of one job between two turns.

    settled   the due time of the last slot that needs nothing more
    claiming  a slot whose claim has no answer yet, and its run: asked again as it was, in case it was heard
    """

    job: Job
    frame: Frame
    settled: dt.datetime | None = None
    claiming: tuple[Slot, UUID] | None = None


@dataclass(slots=True)
class Timekeeper:
    """The schedule's loop. One object lives as long as the process; `keep` may be called again after an error."""

    around: Surroundings
    last_reading: ClockReading | None = None
    _awake_since: dt.datetime = _BEFORE_THE_START
    _tracks: dict[str, _Track] = field(default_factory=dict)
    _refused: list[Taken] = field(default_factory=list)
    _left: list[UnfinishedSlot] | None = None

    async def keep(self, sleep: Callable[[float], Awaitable[None]], beat: Callable[[], None]) -> NoReturn:
        """Keep the schedule until cancelled. Lets out what no later turn can mend: StoreFenced, a bug."""
        while True:
            beat()
            await sleep(await self.turn())

    def next_slots(self) -> tuple[NextSlot, ...]:
        """When each job starts next, soonest first, as of the last turn."""
        slots = [track.frame.following for track in self._tracks.values() if track.frame.following is not None]
        return tuple(
            NextSlot(slot.job.name, slot.starts_at, slot.job.crontab.line, slot.job.crontab.zone)
            for slot in sorted(slots, key=lambda slot: slot.starts_at)
        )

    async def turn(self) -> float:
        """One look at the clocks and every job; returns how many seconds may pass until the next."""
        is_first = self.last_reading is None
        now = self._look_at_clocks()
        self._follow_jobs(now, is_first=is_first)
        self._hand_on()
        if not self.around.may_take():
            return RETRY_SECONDS
        try:
            await self._resume(now)
            for track in self._tracks.values():
                await self._settle(track, now)
        except (TransientError, CommitUnknown) as error:
            self.around.log.warning(LogEvent.SCHEDULE_POSTPONED, seconds=RETRY_SECONDS, error=str(error))
            return RETRY_SECONDS
        return seconds_until_next((track.frame for track in self._tracks.values()), now)

    def _look_at_clocks(self) -> dt.datetime:
        clock = self.around.clock
        reading = ClockReading(clock.now(), clock.monotonic())
        if self.last_reading is None:
            self._awake_since = reading.wall
        elif jump := jump_seconds(self.last_reading, reading):
            self.around.log.warning(LogEvent.CLOCK_JUMPED, seconds=round(jump))
            self._awake_since = awake_since_after(jump, self._awake_since, reading.wall)
        self.last_reading = reading
        return reading.wall

    def _follow_jobs(self, now: dt.datetime, *, is_first: bool) -> None:
        """Renew the frames; what is new since the last turn owes nothing from before it was there."""
        before, self._tracks = self._tracks, {}
        for job in self.around.jobs():
            known = before.get(job.name)
            if known is not None and known.job == job and known.frame.holds_at(now):
                self._tracks[job.name] = known
                continue
            track = _Track(job, frame_of(job, now))
            if known is not None and known.job.crontab == job.crontab:
                track.settled, track.claiming = known.settled, known.claiming
            elif not is_first and track.frame.last is not None:  # new by a reload
                track.settled = track.frame.last.due_at
            self._tracks[job.name] = track

    def _hand_on(self) -> None:
        self._refused = [taken for taken in self._refused if not self.around.start(taken)]

    async def _resume(self, now: dt.datetime) -> None:
        """Once in a process: what earlier ones left unfinished goes on, or is ended with a word why it does not."""
        if self._left is None:
            self._left = list(await self.around.book.unfinished(now))
        while self._left:
            unfinished = self._left[0]
            fate = resumption_of(unfinished, self._tracks)
            if fate is Resumption.RESUME:
                await self._go_on_with(unfinished, now)
            else:
                await self._end(unfinished, fate, now)
            self._left.pop(0)

    async def _go_on_with(self, unfinished: UnfinishedSlot, now: dt.datetime) -> None:
        name, due_at = unfinished.name, unfinished.due_at
        run_id = await self.around.book.resume(name, due_at, self.around.holder, self.around.new_run_id(), now)
        if run_id is not None:
            self.around.log.warning(
                LogEvent.SCHEDULE_RESUMED, name=name, due_at=due_at.isoformat(), run_id=str(run_id),
                attempt=unfinished.attempts + 1, attempts=MOST_ATTEMPTS,
            )  # fmt: skip
            self._begin(Taken(self._tracks[name].job, due_at, run_id, is_resumed=True))

    async def _end(self, unfinished: UnfinishedSlot, fate: Resumption, now: dt.datetime) -> None:
        name, due_at, book = unfinished.name, unfinished.due_at, self.around.book
        why = f"{name}, due at {due_at:%Y-%m-%d %H:%M} UTC, was not finished: {_WHY[fate]}"
        outcome = {"error": {"code": "given_up", "message": why}}
        if fate is Resumption.GIVE_UP:
            await book.give_up(unfinished, self._tracks[name].job.source, why, outcome, now)
        else:
            await book.finish(name, due_at, False, outcome, now)
        self.around.log.warning(LogEvent.SCHEDULE_GIVEN_UP, name=name, due_at=due_at.isoformat(), why=_WHY[fate])

    async def _settle(self, track: _Track, now: dt.datetime) -> None:
        """Do what is due about the last slot of one job."""
        if track.claiming is not None:
            await self._claim(track, now)
        slot = track.frame.last
        if slot is None or slot.due_at == track.settled:
            return
        running = self._due_at_of_running(slot.job.name)
        step = step_for(slot, self._awake_since, running)
        if step is SlotStep.BEGIN:
            track.claiming = slot, self.around.new_run_id()
            await self._claim(track, now)
        elif step is not SlotStep.LEAVE:
            await self._pass_over(slot, running, now)
        track.settled = slot.due_at

    async def _claim(self, track: _Track, now: dt.datetime) -> None:
        assert track.claiming is not None
        slot, run_id = track.claiming
        around, name = self.around, slot.job.name
        is_ours = await around.book.claim(name, slot.due_at, around.holder, run_id, now)
        track.claiming, track.settled = None, slot.due_at
        if is_ours:
            around.log.info(
                LogEvent.SCHEDULE_TAKEN, name=name, due_at=slot.due_at.isoformat(), is_ours=True, run_id=str(run_id)
            )
            self._begin(Taken(slot.job, slot.due_at, run_id, is_resumed=False))

    async def _pass_over(self, slot: Slot, running: dt.datetime | None, now: dt.datetime) -> None:
        around, name, due_at = self.around, slot.job.name, slot.due_at
        if running is not None:
            await around.book.merge(name, due_at, running, around.holder, now)
            around.log.info(LogEvent.SCHEDULE_MERGED, name=name, due_at=due_at.isoformat(), into=running.isoformat())
        else:
            await around.book.skip(name, due_at, MISSED, around.holder, now)
            around.log.info(LogEvent.SCHEDULE_SKIPPED, name=name, due_at=due_at.isoformat(), why=MISSED)

    def _begin(self, taken: Taken) -> None:
        if not self.around.start(taken):
            self._refused.append(taken)

    def _due_at_of_running(self, name: str) -> dt.datetime | None:
        waiting = (taken.due_at for taken in self._refused if taken.job.name == name)
        return self.around.running(name) or next(waiting, None)
