"""Names out of titles: of venues (sources.md 3.3) and of hosts (H3, H4)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from trivia_scraper.text.bracketed_names import BracketedName as BracketedName
from trivia_scraper.text.bracketed_names import read_bracketed_name as read_bracketed_name
from trivia_scraper.text.cleaning import NAME_LIMIT, clean_line, decode_entities
from trivia_scraper.text.folding import fold
from trivia_scraper.text.status_words import find_status_word

_WEEKDAY: Final = r"(?:mon|tues|wednes|thurs|fri|satur|sun)day"
_ORDINAL: Final = r"(?:first|second|third|fourth|fifth|last|1st|2nd|3rd|4th|5th)"
_ORDINALS: Final = rf"{_ORDINAL}(?:\s*(?:,|&|and|/)\s*{_ORDINAL})*"

_PREFIX: Final = re.compile(r"\W*pub\s*quii?z(?:\.pl)?\b\W*", re.IGNORECASE)
_STATUS_LIMIT: Final = 30
_EDGES: Final = " ,–—-"
_DASH: Final = re.compile(r"\s+[–—-]\s+")
_CADENCE_PART: Final = re.compile(
    rf"\W*(?:every\b|{_WEEKDAY}s?\b(?!['’])|{_ORDINALS}\s+(?:{_WEEKDAY}|of\b|weeks?\b)|(?:bi-?)?weekly\b|fortnightly\b|monthly\b)",
    re.IGNORECASE,
)
_GLUED_CADENCE: Final = re.compile(
    rf"(?:,\s*|\s+)(?:every\s+(?:other\s+|{_ORDINALS}\s+)?(?:{_WEEKDAY}s?|week|month|fortnight)|{_ORDINALS}\s+{_WEEKDAY}s?"
    rf"|{_WEEKDAY}s|(?<=,)\s*{_WEEKDAY}|monthly|fortnightly|(?:bi-?)?weekly)"
    r"(?:\s+of\s+(?:the|every|each)\s+month)?(?:[\s,@]+(?:at\s+)?[0-9]{1,2}(?:[:.][0-9]{2})?\s*(?:[ap]\.?m\.?)?)?\W*$",
    re.IGNORECASE,
)
_VENUE_INSIDE: Final = re.compile(r"\s+at\s+(?![0-9])(.+)$", re.IGNORECASE)

_HOST_PREFIX: Final = re.compile(
    r"^(?:this event is hosted by|hosted by|your host(?: is)?|(?:with |your )?quiz ?master|bingo caller"
    r"|prowadz(?:ąca|ący|i))\b\s*[:–-]?\s*",
    re.IGNORECASE,
)
_STAR_NUMBER: Final = re.compile(r"^[^\w\s\"'“‘(\[]+\s*[0-9]*\s*")
_NO_NAMES: Final = frozenset({"unknown quizmaster", "unknown", "tbc", "tba", "n/a"})


@dataclass(frozen=True, slots=True)
class VenueTitle:
    """A venue's name; `locality` is a hint for matching ("Waterloo"), never a stored city.

    removed  what of the title was no name: prefix and cadence
    """

    name: str
    locality: str | None
    removed: tuple[str, ...] = field(default=(), compare=False)


def read_venue_title(title: str, *, limit: int = NAME_LIMIT) -> VenueTitle | None:
    """ "PUB QUIZ – King’s Arms, Waterloo – Every Sunday" → King’s Arms, Waterloo. None where no name is left.

    Only parts that begin with a cadence word are dropped: pubs may have dashes in their names.
    """
    whole = clean_line(decode_entities(title), limit).text
    prefix = _PREFIX.match(whole)
    bare = whole[prefix.end() :] if prefix else whole
    removed = [prefix.group().strip(_EDGES)] if prefix else []
    kept: list[str] = []
    for part in filter(None, (part.strip(" ,") for part in _DASH.split(bare))):
        if kept and len(part) <= _STATUS_LIMIT and find_status_word(fold(part)):
            removed.append(part)  # "Railway – Wednesdays – ON HOLD"
            continue
        glued = _GLUED_CADENCE.search(part)
        name = "" if _CADENCE_PART.match(part) else (part[: glued.start()] if glued else part).strip(_EDGES)
        if name:
            kept.append(name)
        if name != part:
            removed.append(part.removeprefix(name).strip(_EDGES))
    if kept:
        return _with_locality(kept, removed)
    inside = _VENUE_INSIDE.search(bare)
    if inside is None:
        return None
    return _with_locality([inside[1].strip(" ,")], [*removed[: 1 if prefix else 0], bare[: inside.start()]])


def read_host_name(text: str | None) -> str | None:
    """H4: a host's name without prefix and star number, at most 200 characters; None where it is none."""
    if not text:
        return None
    name = clean_line(decode_entities(text), NAME_LIMIT).text
    while (shorter := _STAR_NUMBER.sub("", _HOST_PREFIX.sub("", name))) != name:
        name = shorter
    name = name.strip()
    has_letter = any(character.isalpha() for character in name)
    return name if has_letter and name.casefold() not in _NO_NAMES else None


def _with_locality(parts: list[str], removed: list[str]) -> VenueTitle:
    out = tuple(filter(None, removed))
    if len(parts) > 1:
        return VenueTitle(" – ".join(parts), parts[-1] if _is_area(parts[-1]) else None, out)
    name, comma, area = parts[0].rpartition(",")
    if comma and name.strip() and _is_area(area):
        return VenueTitle(name.strip(" ,"), area.strip(), out)
    return VenueTitle(parts[0], None, out)


def _is_area(text: str) -> bool:
    return bool(text.strip()) and not any(character.isdigit() for character in text)
