"""Times written in digits, form by form in the order of sources.md T3; T5 and T6 decide what the digits mean."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from trivia_scraper.text.weekdays import ANY_NAME


@dataclass(frozen=True, slots=True)
class TimeSpan:
    """When an evening starts and, where the text says so, when it ends."""

    start: dt.time
    end: dt.time | None = None


Reader = Callable[[re.Match[str], bool], TimeSpan | None]

MERIDIEM: Final = r"(?:[ap]\.?\s?m\b\.?|p\b)"
_LEFT: Final = r"(?<![\w£$€+])(?<![0-9][.:,])"
_TO: Final = r"\s*(?:[-–—]|\b(?:to|till|til|until|do)\b)\s*"
_PRICE_TAIL: Final = (
    r"(?!\s*(?:zl|pln|eur|euros?|gbp|usd|aed|pounds?|quid|dollars?|bucks|to play|per\b|entry|a head|pp\b|each\b|%))"
)
# What may follow a bare hour; "at 12 High Street" and "at 99Rogers" are addresses and names.
_AFTER_BARE: Final = (
    r"(?=\s*(?:$|[,;!?)•·|&/–—-]|\.(?![0-9])|(?:o'?clock|sharp|prompt|ish|til|till|until|every|each|on|in|and|with|for"
    rf"|from|late|onwards?|tonight|start\w*|rano|wieczorem|w|we|{ANY_NAME})(?![a-z])))"
)
_END_OF_NUMBER: Final = r"(?![0-9]|[a-hj-z])(?!i(?!sh\b))"
_NOT_A_PRICE_LIST: Final = "".join(
    rf"(?<!\b{word} )"
    for word in ("entry", "tickets", "ticket", "prices", "drinks", "pints", "deals", "ages", "age", "aged")
)
_BEFORE_BARE: Final = (
    rf"(?:@|\bat\b|{_NOT_A_PRICE_LIST}\bfrom\b|\b(?:start(?:s|ing)?|begin(?:s|ning)?|kick(?:s|ing)?[ -]off)\b:?"
    r"|\bod\b|(?<!\w)\bo\b(?!')(?:\s+godz(?:inie)?\b\.?)?|\bgodz(?:\.|ina\b|inie\b|iny\b)?)\s*"
)
_BEFORE_BARE_RANGE: Final = rf"(?:{_BEFORE_BARE}|(?<![a-z0-9]){ANY_NAME}[,:]?\s+)"


def span_of(start: dt.time | None, end: dt.time | None = None) -> TimeSpan | None:
    """A span, or None where there is no start."""
    return None if start is None else TimeSpan(start, end)


def on_24h_clock(hour: int, minute: int) -> dt.time | None:
    """T5: a time that exists."""
    return dt.time(hour, minute) if hour <= 23 and minute <= 59 else None


def by_meridiem(hour: int, minute: int, meridiem: str) -> dt.time | None:
    """T5: 12 am is midnight, 12 pm noon, 13 pm nothing."""
    if not 1 <= hour <= 12 or minute > 59:
        return None
    return dt.time(hour % 12 + (12 if meridiem.startswith("p") else 0), minute)


def by_clock(hour: str, minute: int, clock_24h: bool) -> dt.time | None:
    """T6: 1 to 11 without am/pm is PM unless a leading zero or the language says 24-hour clock."""
    number = int(hour)
    if not clock_24h and not hour.startswith("0") and 1 <= number <= 11:
        number += 12
    return on_24h_clock(number, minute)


def _read_range(match: re.Match[str], _clock_24h: bool) -> TimeSpan | None:
    end_meridiem = match["ap2"]
    start_meridiem = match["ap1"] or _meridiem_of_start(int(match["h1"]), int(match["h2"]), end_meridiem)
    start = by_meridiem(int(match["h1"]), int(match["m1"] or 0), start_meridiem)
    end = by_meridiem(int(match["h2"]), int(match["m2"] or 0), end_meridiem)
    return None if start is None or end is None else TimeSpan(start, end)


def _meridiem_of_start(start_hour: int, end_hour: int, end_meridiem: str) -> str:
    """The end's, unless that would put the start after the end: 9-1am starts at 9 pm, 11-1pm at 11 am."""
    if end_hour != 12 and start_hour != 12 and start_hour > end_hour:
        return "a" if end_meridiem.startswith("p") else "p"
    return end_meridiem


def _read_clock_range(match: re.Match[str], clock_24h: bool) -> TimeSpan | None:
    return _clock_range((match["h1"], match["m1"]), (match["h2"], match["m2"]), clock_24h)


def _read_bare_range(match: re.Match[str], clock_24h: bool) -> TimeSpan | None:
    return _clock_range((match["h1"], "0"), (match["h2"], "0"), clock_24h)


def _clock_range(first: tuple[str, str], last: tuple[str, str], clock_24h: bool) -> TimeSpan | None:
    on_24h = clock_24h or any(hour.startswith("0") or int(hour) > 12 for hour in (first[0], last[0]))
    start, end = (by_clock(hour, int(minute), on_24h) for hour, minute in (first, last))
    if start is None or end is None:
        return None
    if not on_24h and end < start:
        # "9-1" on the 12-hour clock ends in the night.
        end = on_24h_clock(int(last[0]) % 12, end.minute)
    return TimeSpan(start, end)


def _read_12h(match: re.Match[str], _clock_24h: bool) -> TimeSpan | None:
    return span_of(by_meridiem(int(match[1]), int(match[2] or 0), match[3]))


def _read_digits_12h(match: re.Match[str], _clock_24h: bool) -> TimeSpan | None:
    return span_of(by_meridiem(int(match[1][:-2]), int(match[1][-2:]), match[2]))


def _read_h_form(match: re.Match[str], _clock_24h: bool) -> TimeSpan | None:
    # "2h" is a length, not a time: below noon the form needs its leading zero.
    if int(match[1]) < 12 and not match[1].startswith("0"):
        return None
    return span_of(on_24h_clock(int(match[1]), int(match[2] or 0)))


def _read_clock(match: re.Match[str], clock_24h: bool) -> TimeSpan | None:
    return span_of(by_clock(match[1], int(match[2]), clock_24h))


def _read_four_digits(match: re.Match[str], clock_24h: bool) -> TimeSpan | None:
    # "Quiz 2024" names a year: the years around now count as a time only on a quarter of an hour.
    if 2010 <= int(match[1] + match[2]) <= 2035 and int(match[2]) % 15 and not match[3]:
        return None
    return span_of(by_clock(match[1], int(match[2]), clock_24h or match[1].startswith("0")))


def _read_hour(match: re.Match[str], clock_24h: bool) -> TimeSpan | None:
    return span_of(by_clock(match[1], 0, clock_24h)) if int(match[1]) > 0 else None


@dataclass(frozen=True, slots=True)
class Form:
    """One way to write a time.

    hint       a text that the form cannot match without, or "": a cheap test before the pattern
    may_retry  text that turns out to be no time stays for the forms below
    """

    pattern: re.Pattern[str]
    read: Reader
    may_retry: bool = False
    hint: str = ""


FORMS: Final[tuple[Form, ...]] = (
    Form(
        re.compile(
            rf"{_LEFT}(?P<h1>[0-9]{{1,2}})(?:[:.](?P<m1>[0-9]{{2}}))?\s*(?P<ap1>{MERIDIEM})?{_TO}"
            rf"(?P<h2>[0-9]{{1,2}})(?:[:.](?P<m2>[0-9]{{2}}))?\s*(?P<ap2>{MERIDIEM})"
        ),
        _read_range,
        may_retry=True,
    ),
    Form(
        re.compile(
            rf"\bbetween\s+(?P<h1>[0-9]{{1,2}})(?:[:.](?P<m1>[0-9]{{2}}))?\s*(?P<ap1>{MERIDIEM})?\s*(?:and|&)\s*"
            rf"(?P<h2>[0-9]{{1,2}})(?:[:.](?P<m2>[0-9]{{2}}))?\s*(?P<ap2>{MERIDIEM})"
        ),
        _read_range,
        may_retry=True,
        hint="between",
    ),
    Form(
        re.compile(
            rf"{_LEFT}(?P<h1>[0-9]{{1,2}})[:.](?P<m1>[0-9]{{2}}){_TO}(?P<h2>[0-9]{{1,2}})[:.](?P<m2>[0-9]{{2}})(?![0-9])"
        ),
        _read_clock_range,
        may_retry=True,
    ),
    Form(re.compile(rf"{_LEFT}([0-9]{{1,2}})(?:[:.]([0-9]{{2}}))?\s*({MERIDIEM})"), _read_12h),
    Form(re.compile(rf"{_LEFT}([0-9]{{3,4}})\s*({MERIDIEM})"), _read_digits_12h),
    Form(re.compile(rf"{_LEFT}([0-9]{{1,2}})\s?h([0-9]{{2}})?(?![a-z0-9])"), _read_h_form, hint="h"),
    Form(re.compile(rf"{_LEFT}([0-9]{{1,2}})[:.]([0-9]{{2}})(?![0-9]){_PRICE_TAIL}"), _read_clock),
    Form(
        re.compile(rf"{_LEFT}(?<![#-])([0-9]{{2}})([0-9]{{2}})(\s?h(?:ou)?rs?\b|(?![\w-])){_PRICE_TAIL}"),
        _read_four_digits,
    ),
    Form(
        re.compile(
            rf"{_BEFORE_BARE_RANGE}(?P<h1>[0-9]{{1,2}}){_TO}(?P<h2>[0-9]{{1,2}}){_END_OF_NUMBER}{_AFTER_BARE}"
        ),
        _read_bare_range,
        may_retry=True,
    ),
    Form(re.compile(rf"{_BEFORE_BARE}([0-9]{{1,2}}){_END_OF_NUMBER}{_AFTER_BARE}"), _read_hour),
    Form(re.compile(rf"{_LEFT}([0-9]{{1,2}})(?=\s*[•·])"), _read_hour),
    Form(
        re.compile(
            rf"{_LEFT}([0-9]{{1,2}})(?=\s*(?:o'?clock|sharp|prompt|-?ish|(?:til|till|until|[-–—])\s*late|onwards?)(?![a-z]))"
        ),
        _read_hour,
    ),
)
