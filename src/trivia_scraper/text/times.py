"""Times of day in prose (sources.md T3–T6): local wall clock, nothing guessed.

A stretch of text that looks like a time but is none (13pm, 25:00) is used up, so that no part of it is
read as another time.
"""

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


@dataclass(frozen=True, slots=True)
class _Mention:
    left: int
    right: int
    span: TimeSpan


_Reader = Callable[[re.Match[str], bool], TimeSpan | None]

_MERIDIEM: Final = r"(?:[ap]\.?\s?m\b\.?|p\b)"
_LEFT: Final = r"(?<![\w£$€+])(?<![0-9][.:,])"
_TO: Final = r"\s*(?:[-–—]|to|till|til|until)\s*"
_PRICE_TAIL: Final = r"(?!\s*(?:zl|pln|eur|pounds?|quid|dollars?|to play|per\b|entry|a head|pp\b))"
# What may follow a bare hour; "at 12 High Street" and "at 99Rogers" are addresses and names.
_AFTER_BARE: Final = (
    r"(?=\s*(?:$|[,;!?)•·|&/–—-]|\.(?![0-9])|(?:o'?clock|sharp|prompt|til|till|until|every|each|on|in|and|with|for|from"
    rf"|tonight|start\w*|{ANY_NAME})))"
)
_END_OF_NUMBER: Final = r"(?![0-9]|[a-z])"

_KEYWORD: Final = re.compile(r"\b(starts|starting|start|begins|beginning|begin|kicks off|kick[- ]off)\b")
_NOUNS: Final = ("start", "kick-off", "kick off")
_GAP_AFTER_KEYWORD: Final = re.compile(r"[\s:]*(?:(?:at|@|from|promptly|prompt|sharp|about|around|by)[\s:]*)?")
_GAP_BEFORE_KEYWORD: Final = re.compile(r"\s*(?:sharp|prompt)?\s*")
_ENDING_WORD: Final = re.compile(r"\s*(?:finish|end|close|doors)")


def find_time(folded: str, *, clock_24h: bool) -> TimeSpan | None:
    """The start time of an evening in a folded text without calendar dates, or None.

    clock_24h  Polish sources: `9:30` is 09:30. Otherwise a bare hour or h:mm from 1 to 11 is PM (T6).
    """
    mentions = _mentions(folded, clock_24h)
    return _chosen(folded, mentions).span if mentions else None


def find_last_clock_time(folded: str) -> TimeSpan | None:
    """The last HH:MM of a text on the 24-hour clock: the form of PubQuiz.pl's product titles (7.2)."""
    found = re.findall(r"(?<![\w:.])([0-9]{1,2}):([0-9]{2})(?![0-9])", folded)
    return _span(_on_24h_clock(int(found[-1][0]), int(found[-1][1]))) if found else None


def read_bare_hour(folded: str, *, clock_24h: bool) -> TimeSpan | None:
    """A text that is nothing but an hour ("7", "20"): only for fields known to hold a time (5.3)."""
    match = re.fullmatch(r"\s*([0-9]{1,2})\s*", folded)
    return _span(_by_clock(match[1], 0, clock_24h)) if match and int(match[1]) > 0 else None


def _mentions(folded: str, clock_24h: bool) -> list[_Mention]:
    mentions: list[_Mention] = []
    text = folded
    for pattern, read, may_retry in _FORMS:

        def use_up(match: re.Match[str], read: _Reader = read, may_retry: bool = may_retry) -> str:
            span = read(match, clock_24h)
            if span is not None:
                mentions.append(_Mention(match.start(), match.end(), span))
            return match.group() if span is None and may_retry else "~" * len(match.group())

        text = pattern.sub(use_up, text)
    return sorted(mentions, key=lambda mention: mention.left)


def _chosen(folded: str, mentions: list[_Mention]) -> _Mention:
    """T4: the time next to "starts" or "begins" wins, otherwise the first."""
    for keyword in _KEYWORD.finditer(folded):
        after = next((m for m in mentions if _touches(_GAP_AFTER_KEYWORD, folded, keyword.end(), m.left)), None)
        before = next((m for m in mentions if _touches(_GAP_BEFORE_KEYWORD, folded, m.right, keyword.start())), None)
        # "20.30 start" names the time before it; "doors 7pm start 8pm" the one after.
        closes = after is not None and _ENDING_WORD.match(folded, after.right) is not None
        if before is not None and (after is None or (keyword.group() in _NOUNS and closes)):
            return before
        if after is not None:
            return after
    return mentions[0]


def _touches(gap: re.Pattern[str], text: str, left: int, right: int) -> bool:
    return left <= right and gap.fullmatch(text, left, right) is not None


def _span(start: dt.time | None, end: dt.time | None = None) -> TimeSpan | None:
    return None if start is None else TimeSpan(start, end)


def _on_24h_clock(hour: int, minute: int) -> dt.time | None:
    return dt.time(hour, minute) if hour <= 23 and minute <= 59 else None


def _by_meridiem(hour: int, minute: int, meridiem: str) -> dt.time | None:
    if not 1 <= hour <= 12 or minute > 59:
        return None
    return dt.time(hour % 12 + (12 if meridiem.startswith("p") else 0), minute)


def _by_clock(hour: str, minute: int, clock_24h: bool) -> dt.time | None:
    """T6: 1 to 11 without am/pm is PM unless a leading zero or the language says 24-hour clock."""
    number = int(hour)
    if not clock_24h and not hour.startswith("0") and 1 <= number <= 11:
        number += 12
    return _on_24h_clock(number, minute)


def _read_range(match: re.Match[str], _clock_24h: bool) -> TimeSpan | None:
    end_meridiem = match["ap2"]
    start_meridiem = match["ap1"] or _meridiem_of_start(int(match["h1"]), int(match["h2"]), end_meridiem)
    start = _by_meridiem(int(match["h1"]), int(match["m1"] or 0), start_meridiem)
    end = _by_meridiem(int(match["h2"]), int(match["m2"] or 0), end_meridiem)
    return None if start is None or end is None else TimeSpan(start, end)


def _meridiem_of_start(start_hour: int, end_hour: int, end_meridiem: str) -> str:
    """The end's, unless that would put the start after the end: 9-1am starts at 9 pm, 11-1pm at 11 am."""
    if end_hour != 12 and start_hour != 12 and start_hour > end_hour:
        return "a" if end_meridiem.startswith("p") else "p"
    return end_meridiem


def _read_clock_range(match: re.Match[str], clock_24h: bool) -> TimeSpan | None:
    hours = (match["h1"], match["h2"])
    on_24h = clock_24h or any(hour.startswith("0") or int(hour) > 12 for hour in hours)
    start = _by_clock(match["h1"], int(match["m1"]), on_24h)
    end = _by_clock(match["h2"], int(match["m2"]), on_24h)
    return None if start is None or end is None else TimeSpan(start, end)


def _read_12h(match: re.Match[str], _clock_24h: bool) -> TimeSpan | None:
    return _span(_by_meridiem(int(match[1]), int(match[2] or 0), match[3]))


def _read_digits_12h(match: re.Match[str], _clock_24h: bool) -> TimeSpan | None:
    return _span(_by_meridiem(int(match[1][:-2]), int(match[1][-2:]), match[2]))


def _read_h_form(match: re.Match[str], _clock_24h: bool) -> TimeSpan | None:
    # "2h" is a length, not a time: below noon the form needs its leading zero.
    if int(match[1]) < 12 and not match[1].startswith("0"):
        return None
    return _span(_on_24h_clock(int(match[1]), int(match[2] or 0)))


def _read_clock(match: re.Match[str], clock_24h: bool) -> TimeSpan | None:
    return _span(_by_clock(match[1], int(match[2]), clock_24h))


def _read_four_digits(match: re.Match[str], clock_24h: bool) -> TimeSpan | None:
    # "Quiz 2024" names a year: the years around now count as a time only on a quarter of an hour.
    if 2010 <= int(match.group()) <= 2035 and int(match[2]) % 15:
        return None
    return _span(_by_clock(match[1], int(match[2]), clock_24h or match[1].startswith("0")))


def _read_hour(match: re.Match[str], clock_24h: bool) -> TimeSpan | None:
    return _span(_by_clock(match[1], 0, clock_24h)) if int(match[1]) > 0 else None


# Pattern, reader, and whether text that turns out to be no time stays for the forms below.
_FORMS: Final[tuple[tuple[re.Pattern[str], _Reader, bool], ...]] = tuple(
    (re.compile(pattern), read, may_retry)
    for pattern, read, may_retry in (
        (
            rf"{_LEFT}(?P<h1>[0-9]{{1,2}})(?:[:.](?P<m1>[0-9]{{2}}))?\s*(?P<ap1>{_MERIDIEM})?{_TO}"
            rf"(?P<h2>[0-9]{{1,2}})(?:[:.](?P<m2>[0-9]{{2}}))?\s*(?P<ap2>{_MERIDIEM})",
            _read_range,
            True,
        ),
        (
            rf"{_LEFT}(?P<h1>[0-9]{{1,2}})[:.](?P<m1>[0-9]{{2}}){_TO}(?P<h2>[0-9]{{1,2}})[:.](?P<m2>[0-9]{{2}})(?![0-9])",
            _read_clock_range,
            True,
        ),
        (rf"{_LEFT}([0-9]{{1,2}})(?:[:.]([0-9]{{2}}))?\s*({_MERIDIEM})", _read_12h, False),
        (rf"{_LEFT}([0-9]{{3,4}})\s*({_MERIDIEM})", _read_digits_12h, False),
        (rf"{_LEFT}([0-9]{{1,2}})\s?h([0-9]{{2}})?(?![a-z0-9])", _read_h_form, False),
        (rf"{_LEFT}([0-9]{{1,2}})[:.]([0-9]{{2}})(?![0-9]){_PRICE_TAIL}", _read_clock, False),
        (rf"{_LEFT}(?<![#-])([0-9]{{2}})([0-9]{{2}})(?![\w-]){_PRICE_TAIL}", _read_four_digits, False),
        (rf"(?:@|\bat\b|\bgodz\b\.?)\s*([0-9]{{1,2}}){_END_OF_NUMBER}{_AFTER_BARE}", _read_hour, False),
        (rf"{_LEFT}([0-9]{{1,2}})(?=\s*[•·])", _read_hour, False),
    )
)
