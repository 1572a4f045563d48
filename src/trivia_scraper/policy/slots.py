"""Which slot of a job is due now and what becomes of it, whatever the clock does (operations.md 11; F47, F48).

Only the last slot that has come is ever looked at, and a slot is taken by inserting its row. So a clock that goes
back meets rows that are there already, one that goes far ahead owes one slot, and a long absence owes one as well.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from trivia_scraper.domain.requests import MOST_ATTEMPTS
from trivia_scraper.domain.schedules import Job, Slot, UnfinishedSlot

LONGEST_SLEEP_SECONDS: Final = 30.0
"""Waits for a slot are cut into these, so that a clock that jumps is noticed."""

JUMP_SECONDS: Final = 60.0
"""The wall clock was put forward or back when it drifts further from the monotonic one (operations.md 11)."""

LEAST_OVERDUE: Final = dt.timedelta(hours=1)
OVERDUE_TIMES: Final = 3.0

_SHORTEST_SLEEP_SECONDS: Final = 0.05


@dataclass(frozen=True, slots=True)
class Frame:
    """A job at a moment: the last slot whose start has come, and the next one. None = no date matches."""

    last: Slot | None
    following: Slot | None

    def holds_at(self, now: dt.datetime) -> bool:
        """Whether it is right still."""
        has_begun = self.last is not None and self.last.starts_at <= now
        return has_begun and (self.following is None or now < self.following.starts_at)


def frame_of(job: Job, now: dt.datetime) -> Frame:
    """The slots on both sides of `now`."""
    last = _slot(job, job.crontab.latest_until(now))
    if last is None or last.starts_at <= now:
        return Frame(last, _slot(job, job.crontab.next_after(now)))
    # Due but put off: what is before it has started long ago, for no start is put off beyond the next slot.
    before = job.crontab.latest_until(last.due_at - dt.timedelta(seconds=1))
    return Frame(_slot(job, before), last)


def starts_at(job: Job, due_at: dt.datetime) -> dt.datetime:
    """When the work of a slot starts: put off by a share of the jitter that the job's name and the day decide."""
    following = job.crontab.next_after(due_at)
    span = job.jitter if following is None else min(job.jitter, following - due_at)
    digest = hashlib.sha256(f"{job.name} {due_at.astimezone(dt.UTC):%Y-%m-%d}".encode()).digest()
    share = int.from_bytes(digest[:4]) / 2**32
    return due_at + dt.timedelta(seconds=int(span.total_seconds() * share))


def _slot(job: Job, due_at: dt.datetime | None) -> Slot | None:
    return None if due_at is None else Slot(job, due_at, starts_at(job, due_at))


class SlotStep(StrEnum):
    """What becomes of a slot that nobody has taken yet."""

    BEGIN = "begin"
    MERGE = "merge"
    SKIP = "skip"
    LEAVE = "leave"


def step_for(slot: Slot, awake_since: dt.datetime, running_due_at: dt.datetime | None) -> SlotStep:
    """What to do about the last slot whose start has come.

    awake_since     since when nothing was missed: the daemon's start, or the last jump of the clock
    running_due_at  the slot of this job that runs or waits to run; None = none does
    """
    if running_due_at == slot.due_at:
        return SlotStep.LEAVE
    if running_due_at is not None:
        return SlotStep.MERGE
    is_missed = slot.starts_at < awake_since
    return SlotStep.SKIP if is_missed and slot.job.catch_up == "skip" else SlotStep.BEGIN


class Resumption(StrEnum):
    """What becomes of a slot that a process left unfinished."""

    RESUME = "resume"
    GIVE_UP = "give up"
    SUPERSEDED = "superseded"
    UNPLANNED = "unplanned"


def resumption_of(unfinished: UnfinishedSlot, planned: Collection[str]) -> Resumption:
    """Whether a new process goes on with it. Work that died three times may be what kills its process."""
    if unfinished.is_superseded:
        return Resumption.SUPERSEDED
    if unfinished.name not in planned:
        return Resumption.UNPLANNED
    return Resumption.GIVE_UP if unfinished.attempts >= MOST_ATTEMPTS else Resumption.RESUME


@dataclass(frozen=True, slots=True)
class ClockReading:
    """Both clocks at one moment: wall time, and seconds that never jump."""

    wall: dt.datetime
    monotonic: float


def jump_seconds(before: ClockReading, after: ClockReading) -> float:
    """By how much the wall clock was put forward (or back: below 0) between two looks; 0.0 = it was not.

    A host that slept counts as well: its monotonic clock stood still.
    """
    drift = (after.wall - before.wall).total_seconds() - (after.monotonic - before.monotonic)
    return drift if abs(drift) > JUMP_SECONDS else 0.0


def awake_since_after(jump: float, awake_since: dt.datetime, now: dt.datetime) -> dt.datetime:
    """Since when nothing was missed, after a look at the clocks: what a jump ahead left out is owed once."""
    return now if jump > 0 else min(awake_since, now)


def seconds_until_next(frames: Iterable[Frame], now: dt.datetime) -> float:
    """How long to sleep: until the next start, but no longer than LONGEST_SLEEP_SECONDS."""
    starts = [frame.following.starts_at for frame in frames if frame.following is not None]
    until = (min(starts) - now).total_seconds() if starts else LONGEST_SLEEP_SECONDS
    return min(max(until, _SHORTEST_SLEEP_SECONDS), LONGEST_SLEEP_SECONDS)


def overdue(
    job: Job, done_until: dt.datetime | None, usual_seconds: float | None, now: dt.datetime
) -> dt.datetime | None:
    """The slot that should have ended long ago, or None.

    Overdue is what is past its start by more than 3 × its usual duration, and by 1 h at least (operations.md 11).
    done_until  the last slot that has ended (`JobHistory.done_until`); None = none ever: the last that came counts
    """
    owed = job.crontab.latest_until(now) if done_until is None else job.crontab.next_after(done_until)
    if owed is None:
        return None
    patience = max(LEAST_OVERDUE, dt.timedelta(seconds=(usual_seconds or 0.0) * OVERDUE_TIMES))
    return owed if now - starts_at(job, owed) > patience else None
