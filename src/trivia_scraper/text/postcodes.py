"""Postcodes of the countries we read (sources.md P1)."""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import Final

UK_POSTCODE: Final = re.compile(
    r"(?<![A-Za-z0-9])([A-Za-z]{1,2}[0-9][A-Za-z0-9]?)\s?([0-9][A-Za-z]{2})(?![A-Za-z0-9])"
)
UK_OUTWARD: Final = re.compile(r"(?<![A-Za-z0-9])([A-Z]{1,2}[0-9][A-Z0-9]?)\s*$")
EIRCODE: Final = re.compile(r"(?<![A-Za-z0-9])([A-Za-z][0-9]{2}|[Dd]6[Ww])\s?([A-Za-z0-9]{4})(?![A-Za-z0-9])")
US_ZIP: Final = re.compile(r"(?<![0-9])([0-9]{5}(?:-[0-9]{4})?)(?![0-9-])")
CANADIAN: Final = re.compile(r"(?<![A-Za-z0-9])([A-Za-z][0-9][A-Za-z])\s?([0-9][A-Za-z][0-9])(?![A-Za-z0-9])")
AUSTRALIAN: Final = re.compile(r"(?<![0-9])([0-9]{4})(?![0-9])")
POLISH: Final = re.compile(r"(?<![0-9])([0-9]{2}-[0-9]{3})(?![0-9])")

_WHOLE: Final = MappingProxyType(
    {"GB": UK_POSTCODE, "IE": EIRCODE, "US": US_ZIP, "CA": CANADIAN, "AU": AUSTRALIAN, "PL": POLISH}
)
_LONDON_AREAS: Final = frozenset({"E", "EC", "N", "NW", "SE", "SW", "W", "WC"})


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
