"""The schedule reader: any phrase → weekdays, time, frequency (sources.md 8.1, 8.3, 12).

Half a schedule stays half (T7): what a phrase does not say is None, and `completed_by` lets another text
of the same source fill it.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from trivia_scraper.domain.models import EventStatus, Frequency
from trivia_scraper.text.calendar_dates import CalendarDate, take_dates
from trivia_scraper.text.folding import fold
from trivia_scraper.text.frequency import Cadence, find_cadence
from trivia_scraper.text.recurrence import rrule_of
from trivia_scraper.text.status_words import StatusWord, find_status_word
from trivia_scraper.text.times import TimeSpan, find_last_clock_time, find_time, read_bare_hour
from trivia_scraper.text.weekdays import find_weekdays, speaks_polish

PHRASE_LIMIT: Final = 500
SCHEDULE_LIMIT: Final = 300  # safety.md 8: after T1's cut no pattern sees more

_DENVER: Final = ZoneInfo("America/Denver")
_CUT: Final = re.compile(r"\(|\n|\r|\bbook:", re.IGNORECASE)
_SLUG_MINUTES: Final = re.compile(r"(?<=[0-9])-(?=(?:00|1[3-9]|[2-5][0-9])(?![0-9]))")
_SLUG_SPACES: Final = re.compile(r"(?<![0-9])-|-(?![0-9]{1,2}(?:am|pm|p)?(?![a-z0-9]))")
_INSTANT: Final = re.compile(r"\s*([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]{5,15}(?:Z|[+-][0-9]{2}:?[0-9]{2}))\s*")

_SEPARATORS: Final = (re.compile(r"[;&/|+]|\band\b", re.IGNORECASE), re.compile(","))

_STATUS: Final = {
    StatusWord.CANCELLED_ONCE: EventStatus.CANCELLED_ONCE,
    StatusWord.PAUSED: EventStatus.PAUSED,
    StatusWord.NOT_PUBLIC: EventStatus.NOT_PUBLIC,
    StatusWord.STARTS_LATER: EventStatus.STARTS_LATER,
}


class PhraseKind(StrEnum):
    """What the caller knows about a text (sources.md 12)."""

    TEXT = "text"
    TITLE = "title"
    SLUG = "slug"
    PRODUCT_TITLE = "product_title"
    DAY = "day"
    TIME = "time"
    DATA_TIME = "data_time"
    DATA_TIME_DATE = "data_time_date"


class ScheduleOutcome(StrEnum):
    """FULL weekday and time · PARTIAL one of them · FLAG only a status word · REJECT nothing usable."""

    FULL = "full"
    PARTIAL = "partial"
    FLAG = "flag"
    REJECT = "reject"


@dataclass(frozen=True, slots=True)
class ScheduleReading:
    """What one phrase says. Empty and None mean "not said".

    weekdays  1 = Monday … 7 = Sunday, sorted; several = several evenings
    time      local wall clock; end_time may be past midnight
    ordinals  weeks of the month, -1 = last
    """

    weekdays: tuple[int, ...] = ()
    time: dt.time | None = None
    end_time: dt.time | None = None
    frequency: Frequency | None = None
    ordinals: tuple[int, ...] = ()
    date: CalendarDate | None = None
    flag: StatusWord | None = None

    @property
    def outcome(self) -> ScheduleOutcome:
        """How much of a schedule this is."""
        if self.weekdays and self.time is not None:
            return ScheduleOutcome.FULL
        if self.weekdays or self.time is not None:
            return ScheduleOutcome.PARTIAL
        return ScheduleOutcome.FLAG if self.flag else ScheduleOutcome.REJECT

    @property
    def lacks(self) -> str:
        """The missing half in words, or ""."""
        missing = [] if self.weekdays else ["weekday"]
        return " and ".join(missing if self.time is not None else [*missing, "time"])

    @property
    def rrule(self) -> str | None:
        """The RFC 5545 rule of these evenings, or None where the phrase does not decide it."""
        return rrule_of(self.weekdays, self.frequency, self.ordinals)

    @property
    def status(self) -> EventStatus:
        """The event status its words amount to; "tonight" changes nothing."""
        return EventStatus.ACTIVE if self.flag is None else _STATUS.get(self.flag, EventStatus.ACTIVE)

    def completed_by(self, other: ScheduleReading) -> ScheduleReading:
        """This reading with what it lacks taken from another text of the same record (T7)."""
        own_time = self.time is not None
        return replace(
            self,
            weekdays=self.weekdays or other.weekdays,
            time=self.time if own_time else other.time,
            end_time=self.end_time if own_time else other.end_time,
            frequency=self.frequency or other.frequency,
            ordinals=self.ordinals if self.frequency else other.ordinals,
            date=self.date or other.date,
            flag=self.flag or other.flag,
        )


def read_schedule(phrase: str, kind: PhraseKind = PhraseKind.TEXT, *, clock_24h: bool = False) -> ScheduleReading:
    """Read one phrase. Never raises; a phrase beyond 500 characters is refused whole (H126).

    clock_24h  the source writes the 24-hour clock; Polish weekdays switch it on by themselves (T6)
    """
    if len(phrase) > PHRASE_LIMIT:
        return ScheduleReading()
    match kind:
        case PhraseKind.DATA_TIME:
            return _read_instant(phrase)
        case PhraseKind.DATA_TIME_DATE:
            return ScheduleReading()  # a date marker with a constant 18:00 (6.3)
        case PhraseKind.DAY:
            return ScheduleReading(weekdays=find_weekdays(fold(phrase), polish=clock_24h))
        case PhraseKind.PRODUCT_TITLE:
            return _read_product_title(phrase)
        case PhraseKind.SLUG:
            return _read_prose(_unslugged(phrase), clock_24h=clock_24h)
        case PhraseKind.TIME:
            return _read_time_field(phrase, clock_24h=clock_24h)
        case PhraseKind.TEXT | PhraseKind.TITLE:
            return _read_prose(phrase, clock_24h=clock_24h)


def read_evenings(
    phrase: str, kind: PhraseKind = PhraseKind.TEXT, *, clock_24h: bool = False
) -> tuple[ScheduleReading, ...]:
    """Like `read_schedule`, one reading for each start time: "Mondays 7pm & Thursdays 8pm" is two evenings.

    A phrase whose weekdays share a time gives one reading with all of them.
    """
    whole = read_schedule(phrase, kind, clock_24h=clock_24h)
    if len(whole.weekdays) < 2:
        return (whole,)
    for separator in _SEPARATORS:
        parts = [
            replace(read_schedule(part, kind, clock_24h=clock_24h), flag=whole.flag)
            for part in separator.split(_CUT.split(phrase.strip(), maxsplit=1)[0])
        ]
        if len(parts) > 1 and all(part.outcome is ScheduleOutcome.FULL for part in parts):
            return tuple(parts)
    return (whole,)


def _first_statement(phrase: str) -> str:
    """T1: what stands before the first bracket, line break or "book:"."""
    return _CUT.split(phrase.strip(), maxsplit=1)[0][:SCHEDULE_LIMIT]


def _read_prose(phrase: str, *, clock_24h: bool) -> ScheduleReading:
    first = _first_statement(phrase)
    statement = fold(first)
    dates = take_dates(statement)
    weekdays = find_weekdays(statement, polish=clock_24h)
    span = find_time(dates.remaining, clock_24h=clock_24h or speaks_polish(statement))
    flag = find_status_word(statement if len(first) == len(phrase) else fold(phrase))
    if not weekdays and span is None:
        return ScheduleReading(flag=flag)
    cadence = _cadence(statement, weekdays, dated=dates.found)
    return ScheduleReading(weekdays, *_times(span), cadence.frequency, cadence.ordinals, dates.date, flag)


def _cadence(statement: str, weekdays: tuple[int, ...], *, dated: bool) -> Cadence:
    """Q3: a weekday without a cadence word is weekly, unless a calendar date leaves it open."""
    stated = find_cadence(statement)
    if stated.frequency is None and weekdays and not dated:
        return Cadence(Frequency.WEEKLY)
    return stated


def _read_time_field(phrase: str, *, clock_24h: bool) -> ScheduleReading:
    statement = take_dates(fold(_first_statement(phrase))).remaining
    span = find_time(statement, clock_24h=clock_24h) or read_bare_hour(statement, clock_24h=clock_24h)
    return ScheduleReading((), *_times(span))


def _read_product_title(phrase: str) -> ScheduleReading:
    folded = fold(phrase[:SCHEDULE_LIMIT])
    dates = take_dates(folded)
    bracketed = re.search(r"\[([^\]]*)\]", folded)
    weekdays = find_weekdays(bracketed[1]) if bracketed else ()
    return ScheduleReading(
        weekdays or find_weekdays(folded), *_times(find_last_clock_time(dates.remaining)), date=dates.date
    )


def _read_instant(phrase: str) -> ScheduleReading:
    """6.3: a UTC instant whose wall clock in Denver is the venue's local start; its date means nothing."""
    match = _INSTANT.fullmatch(phrase)
    if match is None:
        return ScheduleReading()
    try:
        local = dt.datetime.fromisoformat(match[1]).astimezone(_DENVER)
    except (ValueError, OverflowError):
        return ScheduleReading()
    return ScheduleReading(time=local.time().replace(second=0, microsecond=0))


def _unslugged(slug: str) -> str:
    """T8: in page addresses "-" separates words, and minutes that cannot be an hour."""
    return _SLUG_SPACES.sub(" ", _SLUG_MINUTES.sub(":", slug))


def _times(span: TimeSpan | None) -> tuple[dt.time | None, dt.time | None]:
    return (None, None) if span is None else (span.start, span.end)
