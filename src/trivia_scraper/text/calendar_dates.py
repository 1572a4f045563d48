"""Calendar dates inside schedule texts: read, and taken out before times are looked for (sources.md T1)."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

_MONTHS: Final = {
    "january": 1, "jan": 1, "stycznia": 1,
    "february": 2, "feb": 2, "lutego": 2,
    "march": 3, "mar": 3, "marca": 3,
    "april": 4, "apr": 4, "kwietnia": 4,
    "may": 5, "maja": 5,
    "june": 6, "jun": 6, "czerwca": 6,
    "july": 7, "jul": 7, "lipca": 7,
    "august": 8, "aug": 8, "sierpnia": 8,
    "september": 9, "sept": 9, "sep": 9, "wrzesnia": 9,
    "october": 10, "oct": 10, "pazdziernika": 10,
    "november": 11, "nov": 11, "listopada": 11,
    "december": 12, "dec": 12, "grudnia": 12,
}  # fmt: skip
_MONTH: Final = rf"(?P<month>{'|'.join(sorted(_MONTHS, key=len, reverse=True))})(?![a-z0-9])\.?"
_DAY: Final = r"(?P<day>[0-9]{1,2})(?:st|nd|rd|th)?"
_YEAR: Final = r"(?:,?\s+(?P<year>20[0-3][0-9])(?![0-9:.]?[0-9]))?"
_LEFT: Final = r"(?<![a-z0-9:.])"
_DIGIT: Final = re.compile(r"[0-9]")


@dataclass(frozen=True, slots=True, order=True)
class CalendarDate:
    """A day of the calendar; `year` None where the text names none."""

    year: int | None
    month: int
    day: int

    def __str__(self) -> str:
        """ISO 8601: YYYY-MM-DD, or --MM-DD without a year."""
        year = "-" if self.year is None else f"{self.year:04d}"
        return f"{year}-{self.month:02d}-{self.day:02d}"

    def with_year(self) -> dt.date | None:
        """The full date, or None where the year is unknown."""
        return None if self.year is None else dt.date(self.year, self.month, self.day)


@dataclass(frozen=True, slots=True)
class DateReading:
    """`remaining` is the text with dates blanked out; `found` also for dates that do not exist (H130)."""

    remaining: str
    date: CalendarDate | None
    found: bool


def take_dates(folded: str) -> DateReading:
    """Blank out every calendar date of a folded text; the first existing one is reported."""
    if not _DIGIT.search(folded):
        return DateReading(folded, None, found=False)
    dates: list[tuple[int, CalendarDate | None]] = []
    remaining = folded
    for pattern, read in _FORMS:

        def blank(match: re.Match[str], read: Callable[[re.Match[str]], CalendarDate | None] = read) -> str:
            dates.append((match.start(), read(match)))
            return " " * len(match.group())

        remaining = pattern.sub(blank, remaining)
    real = [date for _, date in sorted(dates, key=lambda place: place[0]) if date is not None]
    return DateReading(remaining, real[0] if real else None, found=bool(dates))


def _existing(year: int | None, month: int, day: int) -> CalendarDate | None:
    try:
        dt.date(2000 if year is None else year, month, day)
    except ValueError:
        return None
    return CalendarDate(year, month, day)


def _spelled(match: re.Match[str]) -> CalendarDate | None:
    year = match["year"]
    return _existing(int(year) if year else None, _MONTHS[match["month"]], int(match["day"]))


def _year_first(match: re.Match[str]) -> CalendarDate | None:
    return _existing(int(match["year"]), int(match["month"]), int(match["day"]))


def _day_first(match: re.Match[str]) -> CalendarDate | None:
    first, second, year = int(match["first"]), int(match["second"]), int(match["year"])
    year += 2000 if year < 100 else 0
    return _existing(year, second, first) if match["mark"] == "." else _either_way(year, first, second)


def _slashed(match: re.Match[str]) -> CalendarDate | None:
    return _either_way(None, int(match["first"]), int(match["second"]))


def _either_way(year: int | None, first: int, second: int) -> CalendarDate | None:
    """10/07/2025 is July in London and October in Denver: only a day above 12 tells."""
    if first > 12:
        return _existing(year, second, first)
    return _existing(year, first, second) if second > 12 else None


_FORMS: Final[tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], CalendarDate | None]], ...]] = (
    (
        re.compile(r"(?<![0-9])(?P<year>20[0-3][0-9])[.\-/](?P<month>[0-9]{1,2})[.\-/](?P<day>[0-9]{1,2})(?![0-9])"),
        _year_first,
    ),
    (
        re.compile(
            r"(?<![0-9])(?P<first>[0-9]{1,2})(?P<mark>[./-])(?P<second>[0-9]{1,2})(?P=mark)(?P<year>20[0-3][0-9]|(?<=[./])[1-3][0-9])(?![0-9]|[:.][0-9])"
        ),
        _day_first,
    ),
    (
        re.compile(
            r"(?<![a-z0-9])(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*[.,]*\s+(?P<first>[0-9]{1,2})/(?P<second>[0-9]{1,2})"
            r"(?![0-9/]|\s*(?:price|off|%))"
        ),
        _slashed,
    ),
    (re.compile(rf"{_LEFT}{_DAY}(?:\s+of)?[\s-]+{_MONTH}{_YEAR}"), _spelled),
    (re.compile(rf"(?<![a-z0-9]){_MONTH}\s+{_DAY}(?![0-9a-z]|[:.][0-9]|\s*[ap]\.?\s?m\b){_YEAR}"), _spelled),
)
