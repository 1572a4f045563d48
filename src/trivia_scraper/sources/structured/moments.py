"""Dates and times as structured data writes them, and whose clock they are on (sources.md 11.6.7).

The rule. No offset: the venue's wall clock. An offset, and the zone is known: the instant on that zone's clock.
An offset other than zero, zone not known: the wall clock as written, because publishers write the offset of the
place. "Z" with no zone known: an instant (aware) that nobody can place yet. Some sites write "Z" behind local
times: nothing in the text tells, so a source says so (`local_clock`), and then every offset is passed over.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, replace
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from trivia_scraper.sources.structured.facts import StructuredFacts

MIDNIGHT: Final = dt.time(0)

_ISO: Final = re.compile(
    r"(?P<year>[0-9]{4})-?(?P<month>[0-9]{1,2})-?(?P<day>[0-9]{1,2})"
    r"(?:(?:T|\s{1,3})(?P<hour>[0-9]{1,2}):?(?P<minute>[0-9]{2})(?::?(?P<second>[0-9]{2})(?:[.,][0-9]{1,9})?)?"
    r"\s?(?P<offset>Z|[+-][0-9]{2}(?::?[0-9]{2})?)?)?",
    re.IGNORECASE,
)
_TIME: Final = re.compile(r"T?([0-9]{1,2}):([0-9]{2})(?::[0-9]{2}(?:\.[0-9]{1,9})?)?(?:Z|[+-][0-9]{2}:?[0-9]{2})?")
_ZONE_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_+-]{0,30}(?:/[A-Za-z][A-Za-z0-9_+-]{0,30}){0,2}")
_EPOCH: Final = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_EPOCH_TEXT: Final = re.compile(r"[0-9]{1,15}")
# 1e11 seconds are the year 5138, 1e11 milliseconds 1973: no evening lies beyond either.
_MILLISECONDS_FROM: Final = 100_000_000_000
_LAST_SECOND: Final = 4_102_444_800  # 2100-01-01


@dataclass(frozen=True, slots=True)
class Moment:
    """A published date; `time` None = the day only; `offset` None = a wall clock."""

    date: dt.date
    time: dt.time | None = None
    offset: dt.timedelta | None = None


def read_moment(text: str | None) -> Moment | None:
    """ISO 8601 with the liberties sites take ("2019-9-13T10:00", a blank for the T); None for anything else."""
    match = _ISO.fullmatch((text or "").strip())
    if match is None:
        return None
    try:
        date = dt.date(int(match["year"]), int(match["month"]), int(match["day"]))
        if match["hour"] is None:
            return Moment(date)
        time = dt.time(int(match["hour"]), int(match["minute"]), int(match["second"] or 0))
        return Moment(date, time, _offset(match["offset"]))
    except ValueError:
        return None


def read_clock(text: str | None) -> dt.time | None:
    """A time of day on the 24-hour clock ("19:30", "19:30:00", "T19:30"), to the minute; None for anything else."""
    match = _TIME.fullmatch((text or "").strip())
    if match is None or int(match[1]) > 23 or int(match[2]) > 59:
        return None
    return dt.time(int(match[1]), int(match[2]))


def read_epoch(value: object) -> dt.datetime | None:
    """Epoch seconds or milliseconds, told apart by their size, as a number or its digits → aware UTC; else None."""
    if isinstance(value, str) and _EPOCH_TEXT.fullmatch(value.strip()):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 1e15:
        return None
    seconds = value / 1000 if value >= _MILLISECONDS_FROM else value
    return _EPOCH + dt.timedelta(seconds=round(seconds)) if seconds < _LAST_SECOND else None


def zone_named(name: str | None) -> ZoneInfo | None:
    """The IANA zone of this name, or None: the name may be anything at all."""
    cleaned = (name or "").strip()
    if not _ZONE_NAME.fullmatch(cleaned):
        return None
    try:
        return ZoneInfo(cleaned)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def on_clock(moment: Moment, zone: ZoneInfo | None, *, local_clock: bool = False) -> dt.datetime:
    """The moment by this module's rule: naive = the venue's wall clock, aware = its zone is not known."""
    wall = dt.datetime.combine(moment.date, moment.time or MIDNIGHT)
    if moment.time is None or moment.offset is None or local_clock:
        return wall
    if zone is None:
        return wall if moment.offset else wall.replace(tzinfo=dt.UTC)
    return in_zone(wall.replace(tzinfo=dt.timezone(moment.offset)), zone)


def in_zone(instant: dt.datetime, zone: ZoneInfo) -> dt.datetime:
    """The wall clock of an aware instant in a zone."""
    try:
        return instant.astimezone(zone).replace(tzinfo=None)
    except OverflowError:  # the first and the last day of the calendar
        return instant.replace(tzinfo=None)


def localised(facts: StructuredFacts, zone: str) -> StructuredFacts:
    """The facts with instants put on the clock of a zone that became known later; others unchanged."""
    clock = zone_named(zone)
    if clock is None or facts.starts is None or facts.starts.tzinfo is None:
        return facts
    ends = in_zone(facts.ends, clock) if facts.ends is not None and facts.ends.tzinfo is not None else facts.ends
    return dated(replace(facts, starts=in_zone(facts.starts, clock), ends=ends))


def dated(facts: StructuredFacts) -> StructuredFacts:
    """The facts with start time, end time and date of their one `starts`, where that is on the venue's clock."""
    starts = facts.starts
    if starts is None or starts.tzinfo is not None:
        return facts
    if facts.date_only:
        return replace(facts, next_date=starts.date())
    end_time = end_of(starts, facts.ends)
    return replace(facts, start_time=to_minute(starts), end_time=end_time, next_date=starts.date())


def end_of(starts: dt.datetime, ends: dt.datetime | None) -> dt.time | None:
    """When an evening ends: only an end on the same clock, after the start and within a day of it, is one."""
    if ends is None or (ends.tzinfo is None) != (starts.tzinfo is None):
        return None
    return to_minute(ends) if dt.timedelta(0) < ends - starts < dt.timedelta(days=1) else None


def to_minute(moment: dt.datetime) -> dt.time:
    """The time of day without seconds and zone."""
    return dt.time(moment.hour, moment.minute)


def _offset(text: str | None) -> dt.timedelta | None:
    if text is None:
        return None
    if text in "Zz":
        return dt.timedelta(0)
    minutes = int(text[1:3]) * 60 + int(text[3:].lstrip(":") or 0)
    if minutes >= 24 * 60:
        raise ValueError("an offset of a day or more")
    return dt.timedelta(minutes=-minutes if text[0] == "-" else minutes)
