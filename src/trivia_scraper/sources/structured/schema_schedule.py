"""schema.org `eventSchedule`: what a series says of its own repetition (sources.md 11.3)."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from trivia_scraper.domain.models import Frequency
from trivia_scraper.sources.structured.moments import end_of, read_clock, read_moment, to_minute
from trivia_scraper.sources.structured.plain import plain_line
from trivia_scraper.sources.structured.schema_values import Node, first_text, many, texts_in
from trivia_scraper.text.folding import fold
from trivia_scraper.text.frequency import read_cadence
from trivia_scraper.text.times import find_time
from trivia_scraper.text.weekdays import read_weekdays

_EVERY_DAY: Final = (1, 2, 3, 4, 5, 6, 7)
_DURATION: Final = re.compile(r"P([0-9]{1,3})([DWMY])")
_ICAL_DAYS: Final = {"MO": 1, "TU": 2, "WE": 3, "TH": 4, "FR": 5, "SA": 6, "SU": 7}
_ICAL_DAY: Final = re.compile(r"([+-]?[1-5])?(MO|TU|WE|TH|FR|SA|SU)")
_TEXT_LIMIT: Final = 200


@dataclass(frozen=True, slots=True)
class Evening:
    """What one Schedule says; `weekdays` empty = it names no fixed weekday."""

    weekdays: tuple[int, ...]
    start_time: dt.time | None
    end_time: dt.time | None
    frequency: Frequency
    ordinals: tuple[int, ...]


def read_schedule(schedule: Node, starts: dt.datetime | None, ends: dt.datetime | None) -> Evening | None:
    """One Schedule, or None where it does not say what repeats.

    starts, ends  the event's own, on the venue's clock: they give the weekday of "every week" and the time where
                  the schedule has none
    """
    days, day_ordinals = _days(schedule)
    cadence = _cadence(schedule, bool(days))
    if cadence is None:
        return None
    frequency, daily = cadence
    ordinals = day_ordinals or _month_weeks(schedule)
    if not days:
        days = _EVERY_DAY if daily else _day_of_start(schedule, starts, frequency)
    if not days:
        return None
    start_time = _clock(schedule, "startTime") or (to_minute(starts) if starts else None)
    end_time = _clock(schedule, "endTime") or (end_of(starts, ends) if starts else None)
    if frequency is Frequency.WEEKLY and ordinals:
        frequency = Frequency.MONTHLY
    return Evening(days, start_time, end_time if start_time else None, frequency, ordinals)


def _days(schedule: Node) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Weekdays and, where they are written the iCalendar way ("1MO"), weeks of the month."""
    days: set[int] = set()
    ordinals: set[int] = set()
    for text in texts_in(schedule.get("byDay")):
        for part in text[:_TEXT_LIMIT].split(","):
            name = part.strip().rpartition("/")[2]
            match = _ICAL_DAY.fullmatch(name.upper())
            if match is None:
                days.update(read_weekdays(name))
                continue
            days.add(_ICAL_DAYS[match[2]])
            ordinals.update([int(match[1])] if match[1] else [])
    return tuple(sorted(days)), _sorted_weeks(ordinals)


def _cadence(schedule: Node, has_days: bool) -> tuple[Frequency, bool] | None:
    """How often, and whether that is every day; None where nothing says that it repeats."""
    text = plain_line(first_text(schedule, "repeatFrequency"), _TEXT_LIMIT)
    match = _DURATION.fullmatch((text or "").upper())
    if match is not None:
        return _by_duration(int(match[1]), match[2], has_days)
    if text and fold(text) == "daily":
        return Frequency.WEEKLY, True
    stated = read_cadence(text).frequency if text else None
    if stated is not None:
        return stated, False
    return (Frequency.WEEKLY, False) if has_days else None


def _by_duration(number: int, unit: str, has_days: bool) -> tuple[Frequency, bool] | None:
    if unit == "D" and number == 1:
        return Frequency.WEEKLY, True
    if unit == "D" and number % 7 == 0:
        number, unit = number // 7, "W"
    if unit == "W":
        known = {1: Frequency.WEEKLY, 2: Frequency.BIWEEKLY}
        return (known.get(number, Frequency.IRREGULAR), False) if number else None
    if unit == "M" and number:
        return Frequency.MONTHLY if number == 1 else Frequency.IRREGULAR, False
    return (Frequency.IRREGULAR, False) if has_days and number else None


def _day_of_start(schedule: Node, starts: dt.datetime | None, frequency: Frequency) -> tuple[int, ...]:
    """The weekday of the first date: only weeks repeat it, "every month" may mean the 15th."""
    if frequency not in (Frequency.WEEKLY, Frequency.BIWEEKLY):
        return ()
    first = read_moment(first_text(schedule, "startDate"))
    if first is not None:
        return (first.date.isoweekday(),)
    return (starts.isoweekday(),) if starts else ()


def _month_weeks(schedule: Node) -> tuple[int, ...]:
    numbers = (read for text in texts_in(schedule.get("byMonthWeek")) if (read := _small_integer(text)) is not None)
    return _sorted_weeks({number for number in numbers if number == -1 or 1 <= number <= 5})


def _small_integer(text: str) -> int | None:
    return int(text) if re.fullmatch(r"-?[0-9]{1,2}", text.strip()) else None


def _sorted_weeks(weeks: set[int]) -> tuple[int, ...]:
    return tuple(sorted((week for week in weeks if week >= -1), key=lambda week: (week < 0, week)))


def _clock(schedule: Node, name: str) -> dt.time | None:
    text = plain_line(first_text(schedule, name), _TEXT_LIMIT)
    if text is None:
        return None
    moment = read_moment(text)
    if moment is not None:
        return moment.time and dt.time(moment.time.hour, moment.time.minute)
    span = None if read_clock(text) else find_time(fold(text), clock_24h=True)
    return read_clock(text) or (span.start if span else None)


def schedules_in(value: object) -> tuple[Node, ...]:
    """The Schedule objects of an `eventSchedule`."""
    return tuple(member for member in many(value) if isinstance(member, Mapping))
