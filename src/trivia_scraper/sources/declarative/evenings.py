"""Texts about evenings → events: weekday, time and cadence from whichever text states them (sources.md 8.1, 8.3).

Nothing is guessed (T7): what no text of the item says is missing, and the item is refused with the reason.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from trivia_scraper.domain.models import EventFacts, EventStatus, Frequency
from trivia_scraper.sources.reading import FactReader, evenings, quiz_title
from trivia_scraper.text.calendar_dates import CalendarDate, take_dates
from trivia_scraper.text.cleaning import DESCRIPTION_LIMIT, NAME_LIMIT
from trivia_scraper.text.fee import FeeOutcome, read_fee
from trivia_scraper.text.folding import fold
from trivia_scraper.text.frequency import read_cadence
from trivia_scraper.text.schedule import PHRASE_LIMIT, PhraseKind, ScheduleReading, read_evenings, read_schedule
from trivia_scraper.text.status_words import StatusWord, find_status_word
from trivia_scraper.text.weekdays import read_weekdays

# "Thursdays", "every Thursday": said of more than one day.
_REPEATING: Final = re.compile(r"\b[a-z]+days\b|\bevery\b|\beach\b|\bkazd[aye]\b", re.IGNORECASE)
_QUIZ: Final = re.compile(r"\bquiz|\btrivia", re.IGNORECASE)
_EPOCH: Final = re.compile(r"[0-9]{9,10}(?:[0-9]{3})?")


@dataclass(frozen=True, slots=True)
class EveningReader:
    """How the evenings of one source are read.

    default  how often a dated evening recurs where no text says it; None = a date proves nothing of other dates
    asked    the day the page was asked for, for dates without a year and "tonight"
    """

    clock_24h: bool = False
    default: Frequency | None = None
    asked: dt.date | None = None

    def readings(self, evening: Mapping[str, str]) -> tuple[ScheduleReading, ...]:
        """One reading for each start time, as complete as the texts allow."""
        if "weekdays" in evening:
            return (_structured(evening),)
        stated = self._stated(evening)
        date = self._date(evening) or self._relative_date(stated)
        if "starts" in evening:
            timed = ScheduleReading(time=_time(evening["starts"]), end_time=_time(evening.get("ends")))
            stated = tuple(reading.completed_by(timed) for reading in stated)
        return tuple(self._finished(reading, date, evening) for reading in stated)

    def lacks(self, evening: Mapping[str, str]) -> str:
        """What is missing of weekday and time, in words, or ""."""
        return next((lacks for reading in self.readings(evening) if (lacks := reading.lacks)), "")

    def _stated(self, evening: Mapping[str, str]) -> tuple[ScheduleReading, ...]:
        apart = self._day_and_time(evening)
        schedule = evening.get("schedule")
        if not schedule:
            return (apart,)
        readings = read_evenings(schedule[:PHRASE_LIMIT], clock_24h=self.clock_24h)
        return tuple(reading.completed_by(apart) for reading in readings)

    def _day_and_time(self, evening: Mapping[str, str]) -> ScheduleReading:
        day, time = evening.get("day", "")[:PHRASE_LIMIT], evening.get("time", "")[:PHRASE_LIMIT]
        reading = read_schedule(day, clock_24h=self.clock_24h)
        reading = reading if reading.weekdays else read_schedule(day, PhraseKind.DAY)
        if evening.get("date") and not _REPEATING.search(day) and reading.frequency is Frequency.WEEKLY:
            # "Sunday" beside a date is that date's name, not a promise.
            reading = replace(reading, frequency=None)
        # A text that names day and time in one is read for its time as prose; a time alone may be a bare hour.
        prose = read_schedule(time, clock_24h=self.clock_24h)
        clock = prose if prose.time else read_schedule(time, PhraseKind.TIME, clock_24h=self.clock_24h)
        timed = replace(ScheduleReading(), time=clock.time, end_time=clock.end_time, flag=prose.flag)
        return replace(reading, time=None, end_time=None).completed_by(timed).completed_by(reading)

    def _finished(
        self, reading: ScheduleReading, date: CalendarDate | None, evening: Mapping[str, str]
    ) -> ScheduleReading:
        phrase = evening.get("frequency", "")[:PHRASE_LIMIT]
        reading = reading.completed_by(ScheduleReading(weekdays=read_weekdays(phrase, abbreviations=False)))
        cadence = read_cadence(phrase) if phrase else None
        if cadence is not None and cadence.frequency and reading.frequency in (None, Frequency.WEEKLY):
            reading = replace(reading, frequency=cadence.frequency, ordinals=cadence.ordinals)
        date = date or self._with_year(reading.date)
        day = date.with_year() if date else None
        if day is not None and not reading.weekdays:
            reading = replace(reading, weekdays=(day.isoweekday(),))
        frequency = reading.frequency or self.default or (Frequency.IRREGULAR if date else Frequency.WEEKLY)
        return replace(reading, frequency=frequency, date=self._coming(date, frequency))

    def _coming(self, date: CalendarDate | None, frequency: Frequency) -> CalendarDate | None:
        """The date, unless it is a past one of a series that goes on."""
        day = date.with_year() if date else None
        if day is None or (self.asked is not None and day < self.asked and frequency is not Frequency.IRREGULAR):
            return None
        return date

    def _date(self, evening: Mapping[str, str]) -> CalendarDate | None:
        return self._with_year(read_date(evening.get("date")))

    def _relative_date(self, readings: Sequence[ScheduleReading]) -> CalendarDate | None:
        """Q4: "Tonight" is the day that was asked for."""
        if self.asked is None or any(reading.weekdays for reading in readings):
            return None
        if any(reading.flag is StatusWord.RELATIVE_DAY for reading in readings):
            return CalendarDate(self.asked.year, self.asked.month, self.asked.day)
        return None

    def _with_year(self, date: CalendarDate | None) -> CalendarDate | None:
        """A date without a year is the next one of its name, or one that has just been."""
        if date is None or date.year is not None or self.asked is None:
            return date
        for year in (self.asked.year, self.asked.year + 1):
            full = replace(date, year=year)
            try:
                day = full.with_year()
            except ValueError:
                continue
            if day is not None and day >= self.asked - dt.timedelta(days=60):
                return full
        return date


def events_of(
    evening: Mapping[str, str],
    readings: Sequence[ScheduleReading],
    *,
    venue: str,
    country: str,
    currencies: Sequence[str],
    facts: FactReader,
) -> tuple[EventFacts, ...]:
    """The events of one evening's readings. `currencies`: the place's own first, then the description's."""
    fee_minor, currency = _fee(evening, country, currencies, facts)
    return evenings(
        readings,
        title=facts.line(_own_title(evening.get("title"), venue), NAME_LIMIT, "title") or quiz_title(venue),
        description=facts.prose(evening.get("description"), DESCRIPTION_LIMIT, "description"),
        fee_minor=fee_minor,
        currency=currency,
        status=read_status_text(evening.get("status")),
    )


def read_date(text: str | None) -> CalendarDate | None:
    """A calendar date in any spelling, or epoch seconds or milliseconds as a day of UTC; None for anything else."""
    stripped = (text or "").strip()[:PHRASE_LIMIT]
    if _EPOCH.fullmatch(stripped):
        seconds = int(stripped) // (1000 if len(stripped) > 11 else 1)
        day = dt.datetime.fromtimestamp(seconds, dt.UTC).date()
        return CalendarDate(day.year, day.month, day.day)
    return take_dates(fold(stripped)).date if stripped else None


def read_status_text(text: str | None) -> EventStatus:
    """A Q4 word or a text with its like ("On hold until May"); ACTIVE where nothing of it is said."""
    if not text:
        return EventStatus.ACTIVE
    word = text.strip().lower().replace(" ", "_")
    if word in (EventStatus.PAUSED, EventStatus.CANCELLED_ONCE, EventStatus.NOT_PUBLIC, EventStatus.STARTS_LATER):
        return EventStatus(word)
    found = find_status_word(fold(text[:PHRASE_LIMIT]))
    return ScheduleReading(flag=found).status


def is_opening_hours(text: str) -> bool:
    """Whether a weekday's text is a span without a word of a quiz: opening hours, never the quiz time (11.5)."""
    return read_schedule(text[:PHRASE_LIMIT]).end_time is not None and not _QUIZ.search(text)


def _structured(evening: Mapping[str, str]) -> ScheduleReading:
    day = read_date(evening.get("date"))
    return ScheduleReading(
        weekdays=tuple(int(number) for number in evening["weekdays"].split(",")),
        time=_time(evening.get("starts")),
        end_time=_time(evening.get("ends")),
        frequency=Frequency(evening["cadence"]) if evening.get("cadence") else None,
        ordinals=tuple(int(week) for week in evening.get("ordinals", "").split(",") if week),
        date=day,
    )


def _time(text: str | None) -> dt.time | None:
    return dt.time.fromisoformat(text) if text else None


def _own_title(title: str | None, venue: str) -> str | None:
    """E8: a title that only repeats the venue's name says nothing."""
    return None if title is None or fold(title).strip() == fold(venue).strip() else title


def _fee(
    evening: Mapping[str, str], country: str, currencies: Sequence[str], facts: FactReader
) -> tuple[int | None, str]:
    """The fee and the currency it is in; an amount in a currency that neither place nor file has is unknown."""
    text = evening.get("fee")
    # A text that is read for other things too need not say anything of a fee.
    is_shared = text in (evening.get("schedule"), evening.get("description"), evening.get("time"))
    reading = read_fee(text, country)
    if text and reading.outcome is FeeOutcome.UNKNOWN and not is_shared:
        facts.note("fee: not understood")
    if reading.currency is not None and reading.currency not in currencies:
        facts.note(f"fee: in {reading.currency}")
        return None, currencies[0]
    return reading.fee_minor, reading.currency or currencies[0]
