"""A crontab line in words, where it is a simple one: "0 3 * * *" is "daily at 03:00 UTC". Pure."""

from __future__ import annotations

import re
from typing import Final

_DAYS: Final = ("Sundays", "Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays")
_NAMES: Final = {name: number for number, name in enumerate(("sun", "mon", "tue", "wed", "thu", "fri", "sat"))}
_EVERY: Final = re.compile(r"\*/([1-9]\d?)")
_MOST_TIMES: Final = 4


def in_words(line: str, zone: str) -> str:
    """When it runs, as a person says it; a line that is not simple is given as it stands, with its zone."""
    fields = line.lower().split()
    if len(fields) != 5:
        return line
    minute, hour, day, month, weekday = fields
    told = None
    if month == "*" and (day == "*" or weekday == "*"):
        if hour == day == weekday == "*":
            return _within_the_hour(minute) or f"{line} ({zone})"
        told = _on_days(day, weekday)
    times = _times(minute, hour)
    return f"{told} at {times} {zone}" if told and times else f"{line} ({zone})"


def _within_the_hour(minute: str) -> str | None:
    every = _EVERY.fullmatch(minute)
    if minute == "*" or (every and every[1] == "1"):
        return "every minute"
    if every and 60 % int(every[1]) == 0:
        return f"every {every[1]} minutes"
    minutes = _numbers(minute, 0, 59)
    return f"hourly at {_and([f':{each:02}' for each in minutes])}" if minutes else None


def _on_days(day: str, weekday: str) -> str | None:
    if day == weekday == "*":
        return "daily"
    if weekday == "*":
        days = _numbers(day, 1, 31)
        return f"monthly on day {_and([str(each) for each in days])}" if days else None
    days = _weekdays(weekday)
    if days == (1, 2, 3, 4, 5):
        return "on working days"
    return _and([_DAYS[each] for each in days]) if days else None


def _times(minute: str, hour: str) -> str | None:
    minutes, hours = _numbers(minute, 0, 59), _numbers(hour, 0, 23)
    times = [f"{each:02}:{of_hour:02}" for each in hours or () for of_hour in minutes or ()]
    return _and(times) if 0 < len(times) <= _MOST_TIMES else None


def _weekdays(text: str) -> tuple[int, ...] | None:
    numbered = re.sub(r"[a-z]+", lambda name: str(_NAMES.get(name[0], name[0])), text)
    days = _numbers(numbered, 0, 7)
    # Sunday is 0 and 7; a week begins with Monday.
    return tuple(sorted({day % 7 for day in days}, key=lambda day: (day - 1) % 7)) if days else None


def _numbers(text: str, least: int, most: int) -> tuple[int, ...] | None:
    """ "1", "1,3" or "1-5" as numbers in order; None for anything else."""
    numbers: set[int] = set()
    for part in text.split(","):
        ends = re.fullmatch(r"(\d{1,2})(?:-(\d{1,2}))?", part)
        if ends is None:
            return None
        first, last = int(ends[1]), int(ends[2] or ends[1])
        if not least <= first <= last <= most:
            return None
        numbers.update(range(first, last + 1))
    return tuple(sorted(numbers))


def _and(words: list[str]) -> str:
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1])))
