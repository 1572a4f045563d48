"""Calendars (sources.md 11.4 `ics`): entries into series, each with its reasons.

Weekday, time and frequency follow from DTSTART and RRULE on the clock of the entry's TZID, else of
X-WR-TIMEZONE, else of the default zone. EXDATE, RECURRENCE-ID and STATUS:CANCELLED touch single dates only.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Final
from zoneinfo import ZoneInfo

from icalendar.prop import vDuration

from trivia_scraper.domain.models import EventStatus, RejectedListing
from trivia_scraper.sources.structured.calendar_lines import CalendarEntry, Property, calendar_zone, read_entries
from trivia_scraper.sources.structured.calendar_rules import read_rule
from trivia_scraper.sources.structured.facts import StructuredFacts, StructuredReading
from trivia_scraper.sources.structured.feed_entries import ALL_DAY, KEY_LIMIT, NO_START
from trivia_scraper.sources.structured.grouping import grouped
from trivia_scraper.sources.structured.moments import MIDNIGHT, dated, in_zone, zone_named
from trivia_scraper.sources.structured.plain import name_and_address, plain_address, plain_line, plain_text
from trivia_scraper.text.cleaning import ADDRESS_LIMIT, NAME_LIMIT
from trivia_scraper.text.coordinates import read_position

_MORE_DATES_LIMIT: Final = 200
_DATE: Final = re.compile(
    r"(?P<year>[0-9]{4})-?(?P<month>[0-9]{2})-?(?P<day>[0-9]{2})"
    r"(?:T(?P<hour>[0-9]{2}):?(?P<minute>[0-9]{2})(?::?[0-9]{2})?(?P<utc>Z)?)?"
)
_UTC_NAMES: Final = frozenset({"UTC", "Etc/UTC", "GMT", "Etc/GMT", "Z", "Zulu", "Etc/Zulu"})
_Series = tuple[int, str]


@dataclass(frozen=True, slots=True)
class _Start:
    """A date of an entry on the venue's clock.

    zone       whose clock that is, None = a floating time and no zone known
    day_shift  days between the date as written in UTC and the date there
    """

    at: dt.datetime
    zone: ZoneInfo | None
    day_shift: int = 0


def read_calendar(
    text: str,
    default_zone: str | None,
    *,
    today: dt.date | None,
    url: str,
    wanted: Callable[[str], bool] = lambda _name: True,
) -> StructuredReading:
    """The series and single dates of an iCalendar text. Raises PageShapeChanged for what is no calendar.

    default_zone  IANA zone for entries that name none
    today         for next dates, and for series that are over; None = neither is asked
    wanted        by SUMMARY, before single dates are grouped: what it does not want is left out, uncounted
    """
    return _CalendarReader(zone_named(default_zone), today, url, wanted).read(read_entries(text, url))


class _CalendarReader:
    """One reading of one calendar file."""

    def __init__(
        self, default_zone: ZoneInfo | None, today: dt.date | None, url: str, wanted: Callable[[str], bool]
    ) -> None:
        self._default_zone = default_zone
        self._today = today
        self._url = url
        self._wanted = wanted
        self._masters: set[_Series] = set()
        self._gone: dict[_Series, set[dt.date]] = defaultdict(set)

    def read(self, entries: tuple[CalendarEntry, ...]) -> StructuredReading:
        self._masters = {_series_of(entry) for entry in entries if _is_master(entry)}
        for entry in entries:
            self._note_touched_date(entry)
        series: list[StructuredFacts] = []
        singles: list[StructuredFacts] = []
        rejected: list[RejectedListing] = []
        for entry in entries:
            name = plain_line(entry.text("SUMMARY"), 2 * NAME_LIMIT)
            if self._is_exception(entry) or not self._wanted(name or ""):
                continue
            try:
                if _is_master(entry):
                    series.extend(self._series(entry))
                else:
                    singles.extend(self._singles(entry))
            except ValueError as unusable:
                rejected.append(RejectedListing(plain_line(entry.text("UID"), KEY_LIMIT), name, str(unusable)[:200]))
        return StructuredReading((*series, *grouped(singles, today=self._today)), tuple(rejected))

    def _is_exception(self, entry: CalendarEntry) -> bool:
        """Whether this entry only changes one date of a series that is here too."""
        return entry.first("RECURRENCE-ID") is not None and _series_of(entry) in self._masters

    def _note_touched_date(self, entry: CalendarEntry) -> None:
        """A date that was cancelled or moved is no date of its series; one that only got another name is."""
        if not self._is_exception(entry):
            return
        try:
            was = self._start(entry, entry.first("RECURRENCE-ID"), days_too=True)
        except ValueError:
            return
        if _is_cancelled(entry) or self._moved_from(entry, was.at):
            self._gone[_series_of(entry)].add(was.at.date())

    def _moved_from(self, entry: CalendarEntry, was: dt.datetime) -> bool:
        try:
            return self._start(entry, entry.first("DTSTART")).at.date() != was.date()
        except ValueError:
            return False

    def _series(self, entry: CalendarEntry) -> Iterator[StructuredFacts]:
        start = self._start(entry, entry.first("DTSTART"))
        facts = self._facts(entry, start)
        text = (entry.text("RRULE") or "").strip()
        rule = read_rule(text, start.at, day_shift=start.day_shift, zone=start.zone)
        if self._today is not None and rule.last is not None and rule.last < self._today:
            raise ValueError("the series has ended")
        gone = self._gone[_series_of(entry)] | set(self._listed_dates(entry, "EXDATE"))
        for part in rule.parts():
            yield replace(
                facts,
                weekdays=part.weekdays,
                ordinals=part.ordinals,
                frequency=part.frequency,
                status=EventStatus.PAUSED if _is_cancelled(entry) else None,
                next_date=part.next_date(self._today or part.first, gone),
            )

    def _singles(self, entry: CalendarEntry) -> Iterator[StructuredFacts]:
        start = self._start(entry, entry.first("DTSTART"))
        status = EventStatus.CANCELLED_ONCE if _is_cancelled(entry) else None
        facts = replace(self._facts(entry, start), status=status)
        yield facts
        gone = set(self._listed_dates(entry, "EXDATE"))
        for day in sorted({*self._listed_dates(entry, "RDATE")} - {start.at.date()} - gone)[:_MORE_DATES_LIMIT]:
            yield replace(facts, starts=dt.datetime.combine(day, start.at.time()), ends=None, next_date=day)

    def _facts(self, entry: CalendarEntry, start: _Start) -> StructuredFacts:
        ends = self._end(entry, start.at)
        if start.at.time() == MIDNIGHT and ends is not None and ends - start.at >= dt.timedelta(days=1):
            raise ValueError(ALL_DAY)
        venue_name, address = name_and_address(plain_text(entry.text("LOCATION"), ADDRESS_LIMIT))
        latitude, _, longitude = (entry.text("GEO") or "").partition(";")
        position = read_position(latitude, longitude)
        facts = StructuredFacts(
            name=plain_line(entry.text("SUMMARY"), 2 * NAME_LIMIT),
            venue_name=venue_name,
            url=plain_address(entry.text("URL"), self._url),
            address=address,
            latitude=position.latitude if position else None,
            longitude=position.longitude if position else None,
            description=plain_text(entry.text("DESCRIPTION")),
            image=_picture(entry, self._url),
            starts=start.at,
            ends=ends,
            key=plain_line(entry.text("UID"), KEY_LIMIT),
        )
        return dated(facts)

    def _end(self, entry: CalendarEntry, starts: dt.datetime) -> dt.datetime | None:
        """DTEND, else DTSTART + DURATION; an end that cannot be read is none."""
        try:
            if (end := entry.first("DTEND")) is not None:
                return self._start(entry, end, days_too=True).at
            length = entry.first("DURATION")
            return starts + _length(length.raw) if length is not None else None
        except (ValueError, OverflowError):
            return None

    def _listed_dates(self, entry: CalendarEntry, name: str) -> Iterator[dt.date]:
        for listed in entry.properties.get(name, ()):
            for text in listed.raw.split(","):
                try:
                    start = self._start(entry, Property(text.partition("/")[0], listed.parameters), days_too=True)
                except ValueError:
                    continue
                yield start.at.date()

    def _start(self, entry: CalendarEntry, written: Property | None, *, days_too: bool = False) -> _Start:
        """A date on the venue's clock. Raises ValueError saying why there is none.

        days_too  a day without a time will do (as midnight): for ends and exceptions
        """
        if written is None:
            raise ValueError(NO_START)
        match = _DATE.fullmatch(written.raw.strip())
        at = _written(match) if match is not None else None
        if match is None or at is None:
            raise ValueError("a start that cannot be read")
        if match["hour"] is None or written.parameters.get("VALUE", "").upper() == "DATE":
            if days_too:
                return _Start(at, None)
            raise ValueError(ALL_DAY)
        return self._on_clock(entry, at, match["utc"] is not None, written.parameters.get("TZID"))

    def _on_clock(self, entry: CalendarEntry, at: dt.datetime, is_utc: bool, zone_name: str | None) -> _Start:
        zone = calendar_zone(zone_name)
        if not is_utc and not _is_utc(zone):
            return _Start(at, zone or self._zone_of(entry))
        own = self._zone_of(entry)
        if own is None:
            raise ValueError("a time in UTC, and no zone known")
        local = in_zone(at.replace(tzinfo=dt.UTC), own)
        return _Start(local, own, (local.date() - at.date()).days)

    def _zone_of(self, entry: CalendarEntry) -> ZoneInfo | None:
        """X-WR-TIMEZONE, else the default; a calendar that calls itself UTC was never told where it is."""
        own = entry.calendar.zone
        return self._default_zone if own is None or (_is_utc(own) and self._default_zone) else own


def _written(match: re.Match[str]) -> dt.datetime | None:
    year, month, day, hour, minute = (int(match[name] or 0) for name in ("year", "month", "day", "hour", "minute"))
    try:
        return dt.datetime(year, month, day, hour, minute)  # noqa: DTZ001 - a wall clock, until its zone is known
    except ValueError:
        return None


def _length(text: str) -> dt.timedelta:
    """A DURATION. Raises ValueError for what is none."""
    length: dt.timedelta = vDuration.from_ical(text.strip()[:50])  # type: ignore[no-untyped-call]
    return length


def _series_of(entry: CalendarEntry) -> _Series:
    return entry.calendar.number, (entry.text("UID") or "")[:KEY_LIMIT]


def _is_master(entry: CalendarEntry) -> bool:
    return entry.first("RRULE") is not None and entry.first("RECURRENCE-ID") is None


def _is_cancelled(entry: CalendarEntry) -> bool:
    return (entry.text("STATUS") or "").strip()[:20].upper() in ("CANCELLED", "CANCELED")


def _is_utc(zone: ZoneInfo | None) -> bool:
    return zone is not None and zone.key in _UTC_NAMES


def _picture(entry: CalendarEntry, url: str) -> str | None:
    pictures = (a for a in entry.properties.get("ATTACH", ()) if a.parameters.get("FMTTYPE", "").startswith("image/"))
    return next((address for picture in pictures if (address := plain_address(picture.raw, url)) is not None), None)
