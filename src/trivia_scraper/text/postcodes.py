"""Postcodes of the countries we read (sources.md P1)."""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import Final

from trivia_scraper.text.folding import words

UK_POSTCODE: Final = re.compile(
    r"(?<![A-Za-z0-9])([A-Za-z]{1,2}[0-9][A-Za-z0-9]?)\s?([0-9][A-Za-z]{2})(?![A-Za-z0-9])"
)
UK_OUTWARD: Final = re.compile(r"(?<![A-Za-z0-9])([A-Z]{1,2}[0-9][A-Z0-9]?)\s*$")
EIRCODE: Final = re.compile(r"(?<![A-Za-z0-9])([A-Za-z][0-9]{2}|[Dd]6[Ww])\s?([A-Za-z0-9]{4})(?![A-Za-z0-9])")
EIRCODE_ROUTING_KEY: Final = re.compile(r"(?<![A-Za-z0-9])([A-Za-z][0-9]{2}|[Dd]6[Ww])\s*$")
US_ZIP: Final = re.compile(r"(?<![0-9])([0-9]{5}(?:-[0-9]{4})?)(?![0-9-])")
CANADIAN: Final = re.compile(r"(?<![A-Za-z0-9])([A-Za-z][0-9][A-Za-z])\s?([0-9][A-Za-z][0-9])(?![A-Za-z0-9])")
AUSTRALIAN: Final = re.compile(r"(?<![0-9])([0-9]{4})(?![0-9])")
POLISH: Final = re.compile(r"(?<![0-9])([0-9]{2}-[0-9]{3})(?![0-9])")
CYPRIOT: Final = re.compile(r"(?<![0-9A-Za-z])([0-9]{4})(?=\s*,*\s*$)")

_WHOLE: Final = MappingProxyType(
    {"GB": UK_POSTCODE, "IE": EIRCODE, "US": US_ZIP, "CA": CANADIAN, "AU": AUSTRALIAN, "PL": POLISH, "CY": CYPRIOT}
)
_LONDON_AREAS: Final = frozenset({"E", "EC", "N", "NW", "SE", "SW", "W", "WC"})
_UK_AREAS: Final = words(
    "AB AL B BA BB BD BH BL BN BR BS BT CA CB CF CH CM CO CR CT CV CW DA DD DE DG DH DL DN DT DY E EC EH EN EX FK"
    " FY G GL GU GY HA HD HG HP HR HS HU HX IG IM IP IV JE KA KT KW KY L LA LD LE LL LN LS LU M ME MK ML N NE NG"
    " NN NP NR NW OL OX PA PE PH PL PO PR RG RH RM S SA SE SG SK SL SM SN SO SP SR SS ST SW SY TA TD TF TN TQ TR"
    " TS TW UB W WA WC WD WF WN WR WS WV YO ZE"
)
_OUTWARD_ALONE: Final = re.compile(r"([A-Za-z]{1,2})[0-9][A-Za-z0-9]?")
_INWARD_LETTERS: Final = re.compile(r"[0-9][ABD-HJLNP-UW-Z]{2}", re.IGNORECASE)
_ORDINAL: Final = re.compile(r"1st|2nd|3rd|[04-9]th")


def read_postcode(value: object, country: str) -> str | None:
    """A postcode field on its own, in its country's usual spelling; "00000" and anything else is None."""
    pattern = _WHOLE.get(country)
    if isinstance(value, bool) or not isinstance(value, str | int) or pattern is None:
        return None
    # A number has lost the leading zero of Darwin's 0800.
    text = str(value).strip().rjust(4, "0") if country == "AU" else str(value).strip()
    match = pattern.fullmatch(text)
    return spelled(match) if match and text != "00000" else None


def spelled(match: re.Match[str]) -> str:
    """A matched postcode, upper case, its halves separated by one space."""
    return " ".join(match.groups()).upper()


def is_london(postcode: str) -> bool:
    """Whether a UK postcode lies in one of the London postal areas (3.3)."""
    area = re.match(r"[A-Z]+", postcode)
    return area is not None and area.group() in _LONDON_AREAS


def is_british(match: re.Match[str]) -> bool:
    """Whether a match of UK_POSTCODE can be one: a real area, inward letters in use, and no "B1 2nd floor"."""
    outward, inward = match[1], match[2]
    if _ORDINAL.fullmatch(inward) and outward.isupper():
        return False
    area = re.match(r"[A-Za-z]+", outward)
    return area is not None and area.group().upper() in _UK_AREAS and _INWARD_LETTERS.fullmatch(inward) is not None


def read_uk_outward(text: str) -> str | None:
    """P1: an outward code that stands alone ("bt48" → "BT48"), or None."""
    match = _OUTWARD_ALONE.fullmatch(text.strip())
    return text.strip().upper() if match and match[1].upper() in _UK_AREAS else None


def is_irish(match: re.Match[str]) -> bool:
    """Whether a match of EIRCODE can be one: its alphabet, and no "A38 Park Road"."""
    code = match[0]
    unique = match[2]
    in_alphabet = re.fullmatch(r"[0-9ACDEFHKNPRTVWXY]{4}", unique.upper()) is not None
    return in_alphabet and match[1][0].upper() in "ACDEFHKNPRTVWXY" and (code.isupper() or not unique.isalpha())
