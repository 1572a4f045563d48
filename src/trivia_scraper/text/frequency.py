"""How often an evening recurs, as its text says (sources.md Q1–Q3), and in which weeks of the month."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from trivia_scraper.domain.models import Frequency
from trivia_scraper.text.folding import fold
from trivia_scraper.text.weekdays import ANY_NAME

_ORDINALS: Final = {
    "first": 1, "1st": 1, "pierwszy": 1, "pierwsza": 1, "pierwszego": 1, "pierwszej": 1,
    "second": 2, "2nd": 2, "drugi": 2, "druga": 2, "drugiego": 2, "drugiej": 2,
    "third": 3, "3rd": 3, "trzeci": 3, "trzecia": 3, "trzeciego": 3, "trzeciej": 3,
    "fourth": 4, "4th": 4, "czwarty": 4, "czwarta": 4, "czwartego": 4, "czwartej": 4,
    "fifth": 5, "5th": 5, "piaty": 5, "piata": 5, "piatego": 5, "piatej": 5,
    "last": -1, "ostatni": -1, "ostatnia": -1, "ostatniego": -1, "ostatniej": -1,
}  # fmt: skip
_ORDINAL: Final = rf"(?:{'|'.join(sorted(_ORDINALS, key=len, reverse=True))})"
_OF_MONTH: Final = r"(?:of|in)\s+(?:(?:the|every|each|a)\s+)?months?\b|(?:kazdego\s+)?miesiaca"

_EACH_ORDINAL: Final = re.compile(rf"(?<![a-z0-9]){_ORDINAL}(?![a-z0-9])")
_LISTED: Final = re.compile(
    rf"(?<![a-z0-9]){_ORDINAL}(?:\s*(?:,\s*and|,|&|\+|/|and|or|i|oraz)\s*{_ORDINAL})*"
    rf"(?=\s+(?:{ANY_NAME}|weeks?\b|{_OF_MONTH}))"
)
_POLISH_DIGITS: Final = re.compile(rf"(?<![\w.])([1-5])\.(?=\s*(?:(?:i|oraz|,)\s*[1-5]\.\s*)*{ANY_NAME})")
_COUNT: Final = r"(?:[3-9]|three|four|five|six|eight)"
_IRREGULAR: Final = re.compile(
    r"\b(?:bi|semi)-?monthly\b|\bevery\s+other\s+month\b|\bevery\s+(?:[2-6]|two|three|four|six)\s+months\b"
    rf"|\bevery\s+{_COUNT}\s+w(?:ee)?ks\b|\bquarterly\b|\b(?:twice|2x)\s+(?:(?:a|per|each|every)\s+)?month(?:ly)?\b"
    r"|\b(?:select|selected|some|certain|occasional)\s+[a-z]+days\b|\boccasionally\b|\birregular\w*"
    r"|\bdwa\s+razy\s+w\s+miesiacu\b|\bnieregularn\w*"
)
_MONTHLY: Final = re.compile(
    rf"\bmonthly\b|\b(?:every|each|once\s+a|once\s+per|per)\s+month\b|{_OF_MONTH}|\bco\s+miesiac\b"
    r"|\braz\s+(?:w|na)\s+miesiac(?:u)?\b|\bcomiesieczn\w*"
)
_BIWEEKLY: Final = re.compile(
    r"\bbi-?\s?weekly\b|\bfortnight(?:ly|s)?\b|\bevery\s+other\b|\bevery\s+(?:2|two)\s+w(?:ee)?ks\b"
    r"|\bevery\s+(?:2nd|second)\b|\balternat(?:e|ing)\s+(?:week|mon|tue|wed|thu|fri|sat|sun)"
    r"|\b(?:raz\s+na|co)\s+(?:dwa|2)\s+tyg(?:odnie)?\b|\bco\s+drug(?:i|a|ie)\b"
)
_WEEKLY: Final = re.compile(r"\bweekly\b|\b(?:every|each)\s+week\b|\bco\s+tydzien\b|\bcotygodniow\w*")
_ANY_HINT: Final = re.compile(
    r"month|week|wk|fortnight|every|alternat|miesi|tyg|drug|first|second|third|fourth|fifth|last|pierwsz|trzeci|czwart[aey]"
    r"|piat[aey]|ostatni|[1-5](?:st|nd|rd|th|\.)|quarterly|occasional|select|some|certain|regular"
)


@dataclass(frozen=True, slots=True)
class Cadence:
    """What a text says of recurrence: `frequency` None = nothing; `ordinals` weeks of the month, -1 = last."""

    frequency: Frequency | None
    ordinals: tuple[int, ...] = ()


NO_CADENCE: Final = Cadence(None)


def read_cadence(text: str) -> Cadence:
    """The stated cadence of a text such as a title. A weekday alone states none here: Q3 is the caller's."""
    return find_cadence(fold(text))


def find_cadence(folded: str) -> Cadence:
    """`read_cadence` for text that is folded already."""
    if not _ANY_HINT.search(folded):
        return NO_CADENCE
    if _IRREGULAR.search(folded):
        return Cadence(Frequency.IRREGULAR)
    ordinals = _weeks_of_month(folded)
    # "every second Wednesday" is every other week; "… of the month" makes it week 2 (Q2).
    if _MONTHLY.search(folded) or (ordinals and not _BIWEEKLY.search(folded)):
        return Cadence(Frequency.MONTHLY, ordinals)
    if _BIWEEKLY.search(folded):
        return Cadence(Frequency.BIWEEKLY)
    return Cadence(Frequency.WEEKLY) if _WEEKLY.search(folded) else NO_CADENCE


def _weeks_of_month(folded: str) -> tuple[int, ...]:
    weeks = {
        _ORDINALS[word.group()]
        for listed in _LISTED.finditer(folded)
        for word in _EACH_ORDINAL.finditer(listed.group())
    }
    if "miesiaca" in folded:
        weeks.update(int(digit[1]) for digit in _POLISH_DIGITS.finditer(folded))
    return tuple(sorted(weeks, key=lambda week: (week < 0, week)))
