"""When something that runs by the clock is due: daily or weekly at a time of day, UTC (images.md D5, R169, R172)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final, Literal

MONDAY: Final = 1
_DAY: Final = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Schedule:
    """A time of day in UTC. `weekday` 1 = Monday … 7 = Sunday; None = every day."""

    time: dt.time
    weekday: int | None = None


def schedule_of(time: str, every: Literal["daily", "weekly"]) -> Schedule:
    """ "04:00" and "daily" or "weekly" (on Mondays), as `[cleanup]` writes them."""
    return Schedule(dt.time.fromisoformat(time), MONDAY if every == "weekly" else None)


def latest_due(schedule: Schedule, now: dt.datetime) -> dt.datetime:
    """The last due time that is not after `now`.

    Catching up looks at this one only: after a week's absence one run is owed, not seven.
    """
    today = now.astimezone(dt.UTC).date()
    due = dt.datetime.combine(today, schedule.time, dt.UTC)
    if due > now:
        due -= _DAY
    if schedule.weekday is not None:
        due -= _DAY * ((due.isoweekday() - schedule.weekday) % 7)
    return due


def next_due(schedule: Schedule, now: dt.datetime) -> dt.datetime:
    """The first due time after `now`."""
    return latest_due(schedule, now) + (_DAY if schedule.weekday is None else 7 * _DAY)
