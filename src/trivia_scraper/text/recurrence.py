"""Recurring evenings as RFC 5545 rules and as dates (sources.md Q1–Q3, T8). What is not known is not guessed.

A fortnightly evening without a known date has no phase, a monthly one without its weeks no dates: both give
nothing rather than a likely day.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final, Literal
from zoneinfo import ZoneInfo

from dateutil import rrule

from trivia_scraper.domain.models import Frequency

DEFAULT_LENGTH: Final = dt.timedelta(hours=2)  # T8
MOST_OCCURRENCES: Final = 400
_HORIZON: Final = dt.timedelta(days=3660)
_LAST_YEAR: Final = 9000

DAY_CODES: Final = ("", "MO", "TU", "WE", "TH", "FR", "SA", "SU")
_DAYS: Final = (rrule.MO, rrule.TU, rrule.WE, rrule.TH, rrule.FR, rrule.SA, rrule.SU)


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One evening: aware times in the venue's zone."""

    starts: dt.datetime
    ends: dt.datetime


def rrule_of(weekdays: Sequence[int], frequency: Frequency | None, ordinals: Sequence[int] = ()) -> str | None:
    """The RFC 5545 rule: "FREQ=WEEKLY;BYDAY=TU", "FREQ=WEEKLY;INTERVAL=2;BYDAY=WE", "FREQ=MONTHLY;BYDAY=1MO,3MO".

    None without a weekday or cadence, for irregular evenings, and for monthly ones whose weeks are not known.
    """
    codes = [DAY_CODES[day] for day in weekdays]
    if not codes:
        return None
    match frequency:
        case Frequency.WEEKLY:
            return f"FREQ=WEEKLY;BYDAY={','.join(codes)}"
        case Frequency.BIWEEKLY:
            return f"FREQ=WEEKLY;INTERVAL=2;BYDAY={','.join(codes)}"
        case Frequency.MONTHLY if ordinals:
            return f"FREQ=MONTHLY;BYDAY={','.join(f'{week}{code}' for week in ordinals for code in codes)}"
        case _:
            return None


def length_of(time: dt.time, end_time: dt.time | None) -> dt.timedelta:
    """How long an evening lasts by its stated end, which may be past midnight; 2 hours where none is stated (T8)."""
    if end_time is None or end_time == time:
        return DEFAULT_LENGTH
    minutes = (end_time.hour * 60 + end_time.minute) - (time.hour * 60 + time.minute)
    return dt.timedelta(minutes=minutes % (24 * 60))


def next_occurrences(
    weekdays: Sequence[int],
    time: dt.time,
    frequency: Frequency | None,
    ordinals: Sequence[int],
    zone: ZoneInfo | str,
    after: dt.datetime,
    count: int,
    anchor: dt.date | None = None,
    duration: dt.timedelta = DEFAULT_LENGTH,
) -> tuple[Occurrence, ...]:
    """The next `count` evenings (at most 400, within ten years) that start later than `after`.

    time      wall clock of the venue: it stays the same over a change of clocks. A time that the clocks skip
              moves forward by the skipped hour (02:30 → 03:30); one that happens twice is the first.
    after     aware
    anchor    a date the source names, such as its next one: the phase of a fortnightly evening, and while it
              lies ahead, no evening comes before it
    duration  elapsed time, whatever the clocks do

    Empty where nothing can be known: no phase, no weeks of the month, an irregular evening without a date ahead.
    Raises ValueError for a naive `after`, ZoneInfoNotFoundError for an unknown zone.
    """
    if after.tzinfo is None:
        raise ValueError("`after` must be aware")
    place = ZoneInfo(zone) if isinstance(zone, str) else zone
    if after.year > _LAST_YEAR or after.year < 2:
        return ()
    since = after.astimezone(place)
    evenings = (
        occurrence
        for day in _days(weekdays, frequency, ordinals, since.date(), anchor)
        if (occurrence := _occurrence(dt.datetime.combine(day, time), place, duration)).starts > after
    )
    return tuple(islice(evenings, max(0, min(count, MOST_OCCURRENCES))))


def _days(
    weekdays: Sequence[int],
    frequency: Frequency | None,
    ordinals: Sequence[int],
    today: dt.date,
    anchor: dt.date | None,
) -> Iterator[dt.date]:
    """Days from yesterday on, in order: a skipped hour may move an evening past midnight."""
    first = max(today, anchor) if anchor else today
    yesterday = first - dt.timedelta(days=0 if anchor and anchor >= today else 1)
    if not weekdays:
        return
    match frequency:
        case Frequency.WEEKLY:
            yield from _ruled(rrule.WEEKLY, yesterday, yesterday, 1, [_DAYS[day - 1] for day in weekdays])
        case Frequency.BIWEEKLY if anchor is not None:
            phase = _monday(yesterday) - dt.timedelta(days=(_monday(yesterday) - _monday(anchor)).days % 14)
            yield from _ruled(rrule.WEEKLY, phase, yesterday, 2, [_DAYS[day - 1] for day in weekdays])
        case Frequency.MONTHLY if ordinals:
            weeks = [_DAYS[day - 1](week) for week in ordinals for day in weekdays]
            yield from _ruled(rrule.MONTHLY, yesterday, yesterday, 1, weeks)
        case _ if anchor is not None and anchor >= today:
            yield anchor
        case _:
            return


def _ruled(
    freq: Literal[1, 2], start: dt.date, since: dt.date, interval: int, days: Sequence[rrule.weekday]
) -> Iterator[dt.date]:
    midnight = dt.datetime.combine(start, dt.time())
    rule = rrule.rrule(
        freq, dtstart=midnight, interval=interval, byweekday=days, until=midnight + _HORIZON, wkst=rrule.MO
    )
    return (moment.date() for moment in rule if moment.date() >= since)


def _monday(day: dt.date) -> dt.date:
    return day - dt.timedelta(days=day.weekday())


def _occurrence(local: dt.datetime, zone: ZoneInfo, duration: dt.timedelta) -> Occurrence:
    # fold=0 reads a time that happens twice as the first, and a skipped one by the offset before the gap.
    starts = local.replace(tzinfo=zone, fold=0).astimezone(dt.UTC)
    return Occurrence(starts.astimezone(zone), (starts + duration).astimezone(zone))
