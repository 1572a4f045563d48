"""Which words are a town (sources.md P3). A rejected locality is unknown, not stored."""

from __future__ import annotations

import re
from typing import Final

from trivia_scraper.text.cleaning import clean_line
from trivia_scraper.text.postcodes import UK_POSTCODE

LOCALITY_LIMIT: Final = 100

_COUNTRIES: Final = frozenset(
    {
        "england", "scotland", "wales", "northern ireland", "united kingdom", "uk", "gb", "great britain",
        "ireland", "republic of ireland", "australia", "au", "united states", "united states of america", "usa", "us",
        "canada", "poland", "polska", "united arab emirates", "uae", "cyprus",
    }
)  # fmt: skip
_STREET: Final = re.compile(
    r"\b(?:street|road|rd|lane|ln|avenue|ave|drive|close|court|ct|place|pl|square|sq|terrace|tce|gardens|crescent|cres|parade|pde"
    r"|highway|hwy|boulevard|blvd|row|mews|walk|way|broadway|hill rd|st|dr)\.?$",
    re.IGNORECASE,
)
_UNIT: Final = re.compile(r"^(?:#|unit\b|suite\b|ste\b|level\b|shop\b|flat\b|floor\b|ul\.|al\.|pl\.)", re.IGNORECASE)
_DUBLIN_DISTRICT: Final = re.compile(r"(dublin)\s+[0-9]{1,2}w?", re.IGNORECASE)


def accept_locality(text: str | None) -> str | None:
    """The town, or None for a postcode, a number, a street or unit, a state + postcode tail or a country.

    "Dublin 2" is Dublin.
    """
    name = clean_line(text or "", LOCALITY_LIMIT).text.strip(" ,.;-")
    district = _DUBLIN_DISTRICT.fullmatch(name)
    if district:
        return district[1].capitalize()
    refused = (
        not any(character.isalpha() for character in name)
        or any(character.isdigit() for character in name)
        or UK_POSTCODE.search(name)
        or name.casefold() in _COUNTRIES
        or any(name.casefold().endswith(f" {country}") for country in ("england", "scotland", "wales"))
        or looks_like_street(name)
    )
    return None if refused else name


def looks_like_street(text: str) -> bool:
    """Whether a part of an address is a street or unit rather than a place."""
    return bool(_STREET.search(text) or _UNIT.search(text) or re.match(r"[0-9]", text))
