"""Weekdays in English and Polish prose (sources.md T2, 7.3). 1 = Monday … 7 = Sunday."""

from __future__ import annotations

import re
from typing import Final

from trivia_scraper.text.folding import fold

_FULL: Final = {
    "monday": 1,
    "tuesday": 2,
    "wednesday": 3,
    "thursday": 4,
    "friday": 5,
    "saturday": 6,
    "sunday": 7,
}
_POLISH: Final = {
    "poniedzialek": 1, "poniedzialki": 1,
    "wtorek": 2, "wtorki": 2,
    "sroda": 3, "srode": 3, "srody": 3,
    "czwartek": 4, "czwartki": 4,
    "piatek": 5, "piatki": 5,
    "sobota": 6, "sobote": 6, "soboty": 6,
    "niedziela": 7, "niedziele": 7,
}  # fmt: skip
_SHORT: Final = {
    "mon": 1,
    "tue": 2, "tues": 2,
    "wed": 3, "weds": 3,
    "thu": 4, "thur": 4, "thurs": 4,
    "fri": 5,
    "sat": 6,
    "sun": 7,
}  # fmt: skip

FULL_NAME: Final = rf"(?:(?:{'|'.join(_FULL)})(?:'?s)?|{'|'.join(_POLISH)})(?![a-z0-9])"
ANY_NAME: Final = rf"(?:{FULL_NAME}|(?:{'|'.join(sorted(_SHORT, key=len, reverse=True))})(?![a-z0-9]))"

_FULL_NAMES: Final = re.compile(rf"(?<![a-z0-9]){FULL_NAME}")
# "The Sun" and "The Rising Sun" are pubs far more often than evenings.
_SHORT_NAMES: Final = re.compile(
    rf"(?<![a-z0-9])(?<!\bthe )(?<!\brising )(?:{'|'.join(sorted(_SHORT, key=len, reverse=True))})(?![a-z0-9])"
)
_POLISH_NAMES: Final = re.compile(rf"(?<![a-z0-9])(?:{'|'.join(_POLISH)})(?![a-z0-9])")


def read_weekdays(text: str, *, abbreviations: bool = True) -> tuple[int, ...]:
    """Every weekday named in `text`, sorted. Abbreviations count only where no full name stands (T2).

    abbreviations  False for texts with venue names in them: "Sun & Doves" is no Sunday
    """
    folded = fold(text)
    return find_weekdays(folded) if abbreviations else _full_weekdays(folded)


def find_weekdays(folded: str) -> tuple[int, ...]:
    """`read_weekdays` for text that is folded already."""
    return _full_weekdays(folded) or tuple(sorted({_SHORT[match.group()] for match in _SHORT_NAMES.finditer(folded)}))


def _full_weekdays(folded: str) -> tuple[int, ...]:
    return tuple(sorted({_number(match.group()) for match in _FULL_NAMES.finditer(folded)}))


def speaks_polish(folded: str) -> bool:
    """Whether a Polish weekday stands in the text: then its times are on the 24-hour clock (T6)."""
    return _POLISH_NAMES.search(folded) is not None


def _number(name: str) -> int:
    return _POLISH.get(name) or _FULL[name.rstrip("s").rstrip("'")]
