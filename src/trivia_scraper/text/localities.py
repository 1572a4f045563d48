"""Which words are a town (sources.md P3). A rejected locality is unknown, not stored."""

from __future__ import annotations

import re
from typing import Final

from trivia_scraper.text.cleaning import clean_line
from trivia_scraper.text.folding import words as listed
from trivia_scraper.text.postcodes import UK_POSTCODE

LOCALITY_LIMIT: Final = 100
# Towns whose names end like a street.
TOWNS_LIKE_STREETS: Final = frozenset({"federal way", "mountlake terrace", "kennett square", "university place"})
_LONGEST_NAME: Final = 60

_COUNTRIES: Final = frozenset(
    {
        "england", "scotland", "wales", "northern ireland", "united kingdom", "uk", "gb", "great britain",
        "ireland", "republic of ireland", "australia", "au", "united states", "united states of america", "usa", "us",
        "canada", "poland", "polska", "united arab emirates", "uae", "u.a.e", "cyprus", "ie", "eire",
    }
)  # fmt: skip
_COUNTRY_TAIL: Final = re.compile(
    r"(?<=[\w.])\s(?:england|scotland|wales|northern ireland|united kingdom|uk|great britain|ireland|australia"
    r"|united states|usa|canada|poland|polska|united arab emirates|uae|cyprus)$",
    re.IGNORECASE,
)
_STATE_TAIL: Final = re.compile(r"[a-z.]\s+(?:ACT|NSW|NT|QLD|SA|TAS|VIC|WA)$|^(?:ACT|NSW|NT|QLD|SA|TAS|VIC|WA)$")
_REGIONS: Final = frozenset(
    {"new south wales", "queensland", "tasmania", "south australia", "western australia", "northern territory"}
)
_STREET: Final = re.compile(
    r"\b(?:street|road|rd|lane|ln|avenue|ave|drive|close|court|ct|place|pl|square|sq|terrace|tce|gardens"
    r"|crescent|cres|parade|pde"
    r"|highway|hwy|boulevard|blvd|row|mews|walk|way|broadway|hill rd|st|dr|parkway|pkwy|circle|cir|trail|alley"
    r"|esplanade|causeway|embankment|arcade|turnpike|expressway|(?:business|retail|industrial|science) park"
    r"|(?:industrial|trading|housing) estate|shopping (?:centre|center|mall))\.?$",
    re.IGNORECASE,
)
_UNIT: Final = re.compile(
    r"^(?:#|no\.|(?:unit|suite|ste|level|shop|flat|floor|bldg|building|apt|apartment|room|p\.?\s?o\.? box|ulica"
    r"|aleja|aleje|plac"
    r"|osiedle|lok|lokal)\b|(?:ul|al|pl|os)\.)",
    re.IGNORECASE,
)
_DUBLIN_DISTRICT: Final = re.compile(
    r"(?:co\.?\s+|county\s+)?(dublin)\s+(?:[0-9]{1,2}w?|d[0-9]{2}|d6w)", re.IGNORECASE
)
_LOWER_WORDS: Final = listed("of on upon in under the and le la de du by sur next")


def accept_locality(text: str | None) -> str | None:
    """The town, or None for a postcode, a number, a street or unit, a state + postcode tail or a country.

    "Dublin 2" is Dublin; a name all in lower or upper case is spelled as a name ("burslem" → Burslem).
    """
    name = clean_line(text or "", LOCALITY_LIMIT).text.strip(" ,.;:-")
    district = _DUBLIN_DISTRICT.fullmatch(name)
    if district:
        return "Dublin"
    folded = name.casefold()
    refused = (
        not any(character.isalpha() for character in name)
        or any(character.isdigit() for character in name)
        or len(name) > _LONGEST_NAME
        or UK_POSTCODE.search(name)
        or folded in _COUNTRIES
        or folded in _REGIONS
        or _COUNTRY_TAIL.search(name)
        or _STATE_TAIL.search(name)
        or looks_like_street(name)
    )
    return None if refused else _as_name(name)


def looks_like_street(text: str) -> bool:
    """Whether a part of an address is a street or unit rather than a place."""
    if text.casefold() in TOWNS_LIKE_STREETS:
        return False
    return bool(_STREET.search(text) or _UNIT.search(text) or re.match(r"[0-9]", text))


def _as_name(name: str) -> str:
    """A name that is spelled all small or all large, with its capitals."""
    if any(character.islower() for character in name) and any(character.isupper() for character in name):
        return name
    if name.isupper() and len(name) < 4:
        return name
    words = re.split(r"([\s-]+)", name.lower())
    return "".join(word if at and word in _LOWER_WORDS else _capitalized(word) for at, word in enumerate(words))


def _capitalized(word: str) -> str:
    """ "o'fallon" has two capitals, "king's" one."""
    prefix, apostrophe, rest = word.partition("'")
    return f"{prefix.upper()}'{rest.capitalize()}" if apostrophe and prefix in ("o", "d") else word.capitalize()
