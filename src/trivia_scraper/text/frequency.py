"""How often an evening recurs, as its text says (sources.md Q1–Q3), and in which weeks of the month."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from trivia_scraper.domain.models import Frequency
from trivia_scraper.text.folding import fold
from trivia_scraper.text.weekdays import ANY_NAME

_ORDINALS: Final = {
    "first": 1, "1st": 1, "pierwszy": 1, "pierwsza": 1,
    "second": 2, "2nd": 2, "drugi": 2, "druga": 2,
    "third": 3, "3rd": 3, "trzeci": 3, "trzecia": 3,
    "fourth": 4, "4th": 4, "czwarty": 4, "czwarta": 4,
    "fifth": 5, "5th": 5, "piaty": 5, "piata": 5,
    "last": -1, "ostatni": -1, "ostatnia": -1,
}  # fmt: skip
_ORDINAL: Final = rf"(?:{'|'.join(_ORDINALS)})"
_OF_MONTH: Final = r"of\s+(?:the|every|each)\s+month|miesiaca"

_EACH_ORDINAL: Final = re.compile(rf"(?<![a-z0-9]){_ORDINAL}(?![a-z0-9])")
_LISTED: Final = re.compile(
    rf"(?<![a-z0-9]){_ORDINAL}(?:\s*(?:,|&|\+|/|and|or|i|oraz)\s*{_ORDINAL})*(?=\s+(?:{ANY_NAME}|weeks?\b|{_OF_MONTH}))"
)
_IRREGULAR: Final = re.compile(
    r"\bbi-?monthly\b|\bevery\s+other\s+month\b|\bevery\s+(?:[23]|two|three)\s+months\b|\bevery\s+(?:3|three)\s+weeks\b"
    r"|\bquarterly\b"
)
_MONTHLY: Final = re.compile(
    rf"\bmonthly\b|\b(?:every|each|once\s+a)\s+month\b|{_OF_MONTH}|\bco\s+miesiac\b|\braz\s+w\s+miesiacu\b"
)
_BIWEEKLY: Final = re.compile(
    r"\bbi-?\s?weekly\b|\bfortnight(?:ly)?\b|\bevery\s+other\b|\bevery\s+(?:2|two)\s+weeks\b|\bevery\s+(?:2nd|second)\b"
    r"|\bco\s+(?:dwa|2)\s+tygodnie\b|\bco\s+drug[iay]\b"
)
_WEEKLY: Final = re.compile(r"\bweekly\b|\b(?:every|each)\s+week\b|\bco\s+tydzien\b")


@dataclass(frozen=True, slots=True)
class Cadence:
    """What a text says of recurrence: `frequency` None = nothing; `ordinals` weeks of the month, -1 = last."""

    frequency: Frequency | None
    ordinals: tuple[int, ...] = ()


def read_cadence(text: str) -> Cadence:
    """The stated cadence of a text such as a title. A weekday alone states none here: Q3 is the caller's."""
    return find_cadence(fold(text))


def find_cadence(folded: str) -> Cadence:
    """`read_cadence` for text that is folded already."""
    if _IRREGULAR.search(folded):
        return Cadence(Frequency.IRREGULAR)
    ordinals = _weeks_of_month(folded)
    # "every second Wednesday" is every other week; "… of the month" makes it week 2 (Q2).
    if _MONTHLY.search(folded) or (ordinals and not _BIWEEKLY.search(folded)):
        return Cadence(Frequency.MONTHLY, ordinals)
    if _BIWEEKLY.search(folded):
        return Cadence(Frequency.BIWEEKLY)
    return Cadence(Frequency.WEEKLY) if _WEEKLY.search(folded) else Cadence(None)


def _weeks_of_month(folded: str) -> tuple[int, ...]:
    weeks = {
        _ORDINALS[word.group()]
        for listed in _LISTED.finditer(folded)
        for word in _EACH_ORDINAL.finditer(listed.group())
    }
    return tuple(sorted(weeks, key=lambda week: (week < 0, week)))
