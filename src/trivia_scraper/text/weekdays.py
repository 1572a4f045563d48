"""Weekdays in English and Polish prose (sources.md T2, 7.3). 1 = Monday … 7 = Sunday."""

from __future__ import annotations

import re
from itertools import pairwise
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
    "poniedzialek": 1, "poniedzialki": 1, "poniedzialku": 1, "poniedzialkowy": 1, "poniedzialkowe": 1,
    "wtorek": 2, "wtorki": 2, "wtorku": 2, "wtorkowy": 2, "wtorkowe": 2,
    "sroda": 3, "srode": 3, "srody": 3, "srodowy": 3, "srodowe": 3,
    "czwartek": 4, "czwartki": 4, "czwartku": 4, "czwartkowy": 4, "czwartkowe": 4,
    "piatek": 5, "piatki": 5, "piatku": 5, "piatkowy": 5, "piatkowe": 5,
    "sobota": 6, "sobote": 6, "soboty": 6, "sobotni": 6, "sobotnie": 6,
    "niedziela": 7, "niedziele": 7, "niedzieli": 7, "niedzielny": 7, "niedzielne": 7,
}  # fmt: skip
# Only in texts known to be Polish: "pt" and "sr" are English abbreviations of other things.
_POLISH_SHORT: Final = {
    "pon": 1, "pn": 1, "wt": 2, "sr": 3, "czw": 4, "pt": 5, "sob": 6, "niedz": 7, "nd": 7,
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
_POLISH_SHORT_NAMES: Final = re.compile(rf"(?<![a-z0-9])(?:{'|'.join(_POLISH_SHORT)})(?![a-z0-9])")
_NUMBERS: Final = _POLISH | _SHORT | _POLISH_SHORT
_THROUGH: Final = re.compile(r"\s*(?:[-–—]|\b(?:to|thru|through|do)\b)\s*")


def read_weekdays(text: str, *, abbreviations: bool = True) -> tuple[int, ...]:
    """Every weekday named in `text`, sorted. Abbreviations count only where no full name stands (T2).

    abbreviations  False for texts with venue names in them: "Sun & Doves" is no Sunday
    """
    folded = fold(text)
    return find_weekdays(folded) if abbreviations else _days(_FULL_NAMES, folded)


def find_weekdays(folded: str, *, polish: bool = False) -> tuple[int, ...]:
    """`read_weekdays` for text that is folded already. "Mon-Thu" is every day from Monday to Thursday.

    polish  the text is known to be Polish, so that "śr." and "pt." are days
    """
    return (
        _days(_FULL_NAMES, folded)
        or _days(_SHORT_NAMES, folded)
        or (_days(_POLISH_SHORT_NAMES, folded) if polish else ())
    )


def _days(names: re.Pattern[str], folded: str) -> tuple[int, ...]:
    found = [(match.start(), match.end(), _number(match.group())) for match in names.finditer(folded)]
    if len(found) < 2:
        return tuple(day for _, _, day in found)
    days = {day for _, _, day in found}
    for (_, left, first), (right, _, last) in pairwise(found):
        if first < last and _THROUGH.fullmatch(folded, left, right):
            days.update(range(first, last))
    return tuple(sorted(days))


def speaks_polish(folded: str) -> bool:
    """Whether a Polish weekday stands in the text: then its times are on the 24-hour clock (T6)."""
    return _POLISH_NAMES.search(folded) is not None


def _number(name: str) -> int:
    return _NUMBERS.get(name) or _FULL[name.rstrip("s").rstrip("'")]
