"""iCalendar text into entries: which VEVENT has which properties, and whose zone they are in.

Lines, folding, parameters and escapes are the library's. Components are ours: its own zone definitions would be
kept for the whole process, and one broken property would cost the entry (safety.md 7).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from zoneinfo import ZoneInfo

from icalendar.parser import Contentline, Contentlines, unescape_backslash
from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from trivia_scraper.domain.errors import PageShapeChanged
from trivia_scraper.sources.structured.moments import zone_named

CALENDAR_LIMIT: Final = 4 * 1024 * 1024
ENTRY_LIMIT: Final = 20_000
PROPERTY_LIMIT: Final = 20
NESTING_LIMIT: Final = 8

_HEAD_LIMIT: Final = 500
_VALUE_LIMIT: Final = 40_000
_DATES_LIMIT: Final = 400_000
_DATE_LISTS: Final = frozenset({"EXDATE", "RDATE"})
_WANTED: Final = _DATE_LISTS | {
    "UID", "SUMMARY", "DESCRIPTION", "LOCATION", "GEO", "URL", "STATUS", "DTSTART", "DTEND", "DURATION", "RRULE",
    "RECURRENCE-ID", "ATTACH",
}  # fmt: skip
_NAME: Final = re.compile(r"\s{0,10}([A-Za-z][A-Za-z0-9-]{0,40})\s{0,10}[:;]")
_BOUNDARY: Final = re.compile(r"\s{0,10}(BEGIN|END)\s{0,10}:\s{0,10}([A-Za-z-]{1,40})\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Property:
    """One value with its parameters (upper case); `text` has its escapes undone."""

    raw: str
    parameters: Mapping[str, str]

    @property
    def text(self) -> str:
        """The value of a text property."""
        return str(unescape_backslash(self.raw))


@dataclass(slots=True)
class Calendar:
    """One VCALENDAR of a file: the UIDs of two have nothing to do with each other. `zone` is its X-WR-TIMEZONE."""

    number: int
    zone: ZoneInfo | None = None


@dataclass(frozen=True, slots=True)
class CalendarEntry:
    """One VEVENT: its properties by name, each as often as it stands there (at most 20 times)."""

    calendar: Calendar
    properties: dict[str, list[Property]] = field(default_factory=dict)

    def first(self, name: str) -> Property | None:
        """The first property of this name."""
        return next(iter(self.properties.get(name, ())), None)

    def text(self, name: str) -> str | None:
        """The text of the first property of this name."""
        found = self.first(name)
        return None if found is None else found.text


def read_entries(text: str, url: str) -> tuple[CalendarEntry, ...]:
    """Every VEVENT of every VCALENDAR. Raises PageShapeChanged for what is no calendar, or only a part of one."""
    if len(text) > CALENDAR_LIMIT:
        raise PageShapeChanged("calendar is too long", looked_for="BEGIN:VCALENDAR", url=url)
    collector = _Collector()
    for line in _unfolded(text):
        boundary = _BOUNDARY.fullmatch(line) if len(line) < 100 else None
        if boundary is None:
            collector.property(line)
        elif boundary[1].upper() == "BEGIN":
            collector.begin(boundary[2].upper())
        else:
            collector.end(boundary[2].upper())
    if not collector.calendars:
        raise PageShapeChanged("this is no calendar", looked_for="BEGIN:VCALENDAR", url=url)
    if collector.is_open:
        # What is missing behind the cut would count as gone (E6).
        raise PageShapeChanged("the calendar is cut off", looked_for="END:VCALENDAR", url=url)
    if len(collector.entries) > ENTRY_LIMIT:
        raise PageShapeChanged(f"more than {ENTRY_LIMIT} entries", looked_for="BEGIN:VEVENT", url=url)
    return tuple(collector.entries)


def calendar_zone(name: str | None) -> ZoneInfo | None:
    """A zone by its IANA name, its Windows name, or a vendor's path that ends in one; None = not known."""
    cleaned = (name or "").strip().strip('"').strip()
    parts = cleaned.strip("/").split("/")[-4:]
    candidates = [
        cleaned,
        WINDOWS_TO_OLSON.get(cleaned),
        *("/".join(parts[start:]) for start in range(len(parts) - 1)),
    ]
    return next((zone for candidate in candidates if (zone := zone_named(candidate)) is not None), None)


def _unfolded(text: str) -> list[str]:
    plain = text.replace("\r\n", "\n").replace("\r", "\n").lstrip("\ufeff")
    lines: list[str] = Contentlines.from_ical(plain)  # type: ignore[no-untyped-call]
    return lines


class _Collector:
    """Follows the components of a file, line by line."""

    def __init__(self) -> None:
        self.calendars: list[Calendar] = []
        self.entries: list[CalendarEntry] = []
        self._open: list[str] = []

    @property
    def is_open(self) -> bool:
        """Whether the last calendar has no end."""
        return "VCALENDAR" in self._open

    def begin(self, name: str) -> None:
        if name == "VCALENDAR":
            # A calendar that was cut off before its END ends where the next one begins.
            self.calendars.append(Calendar(len(self.calendars)))
            self._open.clear()
        if len(self._open) < NESTING_LIMIT:
            self._open.append(name)
        if self._in_event() and len(self.entries) <= ENTRY_LIMIT:
            self.entries.append(CalendarEntry(self.calendars[-1]))

    def end(self, name: str) -> None:
        if name in self._open:
            del self._open[self._open.index(name) :]

    def property(self, line: str) -> None:
        name = _NAME.match(line)
        if name is None:
            return
        if self._in_event() and (wanted := name[1].upper()) in _WANTED and self.entries:
            _add(self.entries[-1], wanted, line)
        elif self._open == ["VCALENDAR"] and name[1].upper() == "X-WR-TIMEZONE":
            self.calendars[-1].zone = calendar_zone(line[:_HEAD_LIMIT].partition(":")[2])

    def _in_event(self) -> bool:
        return self._open == ["VCALENDAR", "VEVENT"]


def _add(entry: CalendarEntry, name: str, line: str) -> None:
    values = entry.properties.setdefault(name, [])
    separator = _content_line(line[:_HEAD_LIMIT]).value_separator_index()
    if separator <= 0 or len(values) == PROPERTY_LIMIT:
        return
    limit = _DATES_LIMIT if name in _DATE_LISTS else _VALUE_LIMIT
    values.append(Property(line[separator + 1 :][:limit], _parameters(line[:separator])))


def _parameters(head: str) -> dict[str, str]:
    if ";" not in head:
        return {}
    try:
        _, parameters, _ = _content_line(f"{head}:").raw_parts()
    except ValueError:
        return {}
    return {str(name).upper(): value for name, value in parameters.items() if isinstance(value, str)}


def _content_line(text: str) -> Contentline:
    return Contentline(text)  # type: ignore[no-untyped-call]
