"""Times written in words: "half past seven", "noon", "o dwudziestej" (sources.md T3–T6 applied to words)."""

from __future__ import annotations

import datetime as dt
import re
from typing import Final

from trivia_scraper.text.clock_forms import MERIDIEM, Form, TimeSpan, by_clock, by_meridiem, span_of
from trivia_scraper.text.weekdays import ANY_NAME

_HOURS: Final = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "eleven": 11, "twelve": 12,
}  # fmt: skip
_MINUTES: Final = {"fifteen": 15, "thirty": 30, "forty-five": 45, "forty five": 45}
_POLISH_HOURS: Final = {
    "szesnastej": 16, "siedemnastej": 17, "osiemnastej": 18, "dziewietnastej": 19,
    "dwudziestej pierwszej": 21, "dwudziestej drugiej": 22, "dwudziestej": 20,
}  # fmt: skip
_POLISH_MINUTES: Final = {"pietnascie": 15, "trzydziesci": 30}

_HOUR: Final = rf"(?:{'|'.join(_HOURS)}|[0-9]{{1,2}})"
_WORD: Final = rf"(?:{'|'.join(_HOURS)})"
_END: Final = (
    r"(?=\s*(?:$|[,;!?)•·|&/–—.-]|(?:sharp|prompt|til|till|until|to|every|each|on|in|and|with|for|late|onwards?|start\w*"
    rf"|tonight|{ANY_NAME})(?![a-z])))"
)
_LEAD: Final = rf"(?:^\s*|(?:@|\b(?:at|from|12|starts?|starting|begins|o|w|{ANY_NAME})(?![a-z0-9]))[\s,:–-]*)"

HINT: Final = re.compile(rf"half|quarter|noon|midnight|o'?clock|poludni|polnoc|nast|dwudziest|\b{_WORD}\b")


def _hour_of(text: str) -> str:
    return str(_HOURS.get(text, text))


def _read_quarters(match: re.Match[str], clock_24h: bool) -> TimeSpan | None:
    """ "half (past) seven" is 7:30, "quarter to eight" 7:45."""
    hour, meridiem = _hour_of(match["hour"]), match["meridiem"]
    minute = 30 if match["part"] == "half" else 15
    time = by_meridiem(int(hour), 0, meridiem) if meridiem else by_clock(hour, 0, clock_24h)
    if time is None:
        return None
    shift = -15 if match["way"] == "to" else minute
    moment = dt.datetime.combine(dt.date(2000, 1, 2), time) + dt.timedelta(minutes=shift)
    return span_of(moment.time())


def _read_words(match: re.Match[str], clock_24h: bool) -> TimeSpan | None:
    said = match.groupdict()
    hour, minute = _hour_of(match["hour"]), _MINUTES.get(" ".join((said.get("minute") or "").split()), 0)
    meridiem = said.get("meridiem") or said.get("half_day")
    if meridiem:
        return span_of(by_meridiem(int(hour), minute, meridiem))
    return span_of(by_clock(hour, minute, clock_24h))


def _read_middle(match: re.Match[str], _clock_24h: bool) -> TimeSpan | None:
    return span_of(dt.time(12 if match["middle"] in ("noon", "midday", "poludnie") else 0))


def _read_polish(match: re.Match[str], _clock_24h: bool) -> TimeSpan | None:
    return span_of(dt.time(_POLISH_HOURS[match["hour"]], _POLISH_MINUTES.get(match["minute"] or "", 0)))


SPOKEN_FORMS: Final[tuple[Form, ...]] = (
    Form(
        re.compile(
            rf"\b(?P<part>half|quarter)[\s-]+(?:(?P<way>past|to)[\s-]+)?(?<!half to )(?<!quarter )(?P<hour>{_HOUR})"
            rf"(?:\s*(?P<meridiem>{MERIDIEM})|(?![\w:.%]))"
        ),
        _read_quarters,
    ),
    Form(
        re.compile(
            rf"\b(?P<hour>{_WORD})[\s-]+(?P<minute>thirty|fifteen|forty[\s-]five)\b(?:\s*(?P<meridiem>{MERIDIEM}))?"
        ),
        _read_words,
    ),
    Form(
        re.compile(
            rf"\b(?P<hour>{_WORD})\s+(?:o'?clock\b\s*(?P<meridiem>(?:[ap]\.?m\b\.?)?)|(?P<half_day>{MERIDIEM}))"
        ),
        _read_words,
    ),
    Form(
        re.compile(
            rf"(?:@|\b(?:at|from|starts?|starting|begins|beginning|kicks? off)\b:?)\s*(?P<hour>{_WORD})"
            rf"(?![a-z]){_END}"
        ),
        _read_words,
    ),
    Form(
        re.compile(rf"{_LEAD}(?:12\s*)?(?P<middle>noon|midday|midnight|poludnie|polnocy)(?![a-z]){_END}"),
        _read_middle,
    ),
    Form(
        re.compile(
            rf"\bo\s+(?P<hour>{'|'.join(_POLISH_HOURS)})(?:\s+(?P<minute>{'|'.join(_POLISH_MINUTES)}))?(?![a-z])"
        ),
        _read_polish,
    ),
)
