"""Venue names with remarks in brackets, and one-off specials (sources.md 6.6).

A name is never cut at "@": "The Butterfly Bar @ The VORTEX" is one name.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from trivia_scraper.text.calendar_dates import CalendarDate, take_dates
from trivia_scraper.text.cleaning import NAME_LIMIT, clean_line, decode_entities
from trivia_scraper.text.folding import fold
from trivia_scraper.text.status_words import StatusWord, find_status_word
from trivia_scraper.text.weekdays import ANY_NAME, find_weekdays

_BRACKETS: Final = re.compile(r"\s*[(\[]([^()\[\]]*)(?:[)\]]|$)")
_START_NOTE: Final = re.compile(
    r"\W*(?:new\W+)?(?:(?:re)?starts?|(?:re)?starting|begins?|beginning|coming|opens?|opening|launch(?:es|ing)?"
    r"|resum(?:es|ing)|returns?|returning|back|first quiz)\b(?!\s+(?:at|from)\s+[0-9]"
    r"|\s*:?\s*[0-9]{1,2}(?::[0-9]{2})?\s*[ap]\.?m)"
)
_REMARK: Final = re.compile(
    r"[!?+]|\b(?:check|call|book|reserv\w*|rsvp|please|note|only|free|closed|temporarily|moved|moving|new"
    r"|formerly|fka|aka|must"
    r"|ages?|starts?|registration|register|arrive|seating|seats|tickets?|private|this (?:week|month)|see|ask"
    r"|subject to|limited|required"
    r"|available|we|you|your|our|for|no)\b|^\W*[0-9]{1,2}(?::[0-9]{2})?\s*[ap]\.?m\b"
)
_CADENCE_WORD: Final = re.compile(
    rf"{ANY_NAME}|every|each|other|all|nights?|evenings?|weekly|fortnightly|monthly|of|the|month|weeks?|and|or"
    rf"|at|from|bi"
    r"|first|second|third|fourth|fifth|last|alternat(?:e|ing)|[1-5](?:st|nd|rd|th)"
    r"|[0-9]{1,2}(?:[:.][0-9]{2})?(?:[ap]\.?m\.?)?|[ap]\.?m\.?"
)
_BETWEEN_WORDS: Final = re.compile(r"[\s,&/@+-]+")
_SPECIAL: Final = re.compile(r"\bvol(?:ume)?\b\.?\s*[0-9]+|\bhype quiz\b", re.IGNORECASE)
_AT: Final = re.compile(r"\s+at\s+(?=\S)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class BracketedName:
    """A published name, read.

    name       without the brackets that are no part of it; branches "(Fort Collins)" stay
    venue      the place: the name itself, or of a special what follows " at " (None where nothing does)
    weekdays   of a bracket "(Saturday)": a second evening at the same address
    starts_on  the date of a start note, where it names one
    flag       a status word inside brackets (Q4)
    special    a one-off entry with its own id
    removed    the texts of the brackets that were taken out
    """

    name: str
    venue: str | None
    weekdays: tuple[int, ...] = ()
    starts_on: CalendarDate | None = None
    flag: StatusWord | None = None
    special: bool = False
    removed: tuple[str, ...] = ()

    @property
    def weekday(self) -> int | None:
        """The one weekday of a bracket; None where it names none or several."""
        return self.weekdays[0] if len(self.weekdays) == 1 else None

    @property
    def starts_later(self) -> bool:
        """Whether a note says that the evening has not begun yet."""
        return self.flag is StatusWord.STARTS_LATER


def read_bracketed_name(name: str, *, limit: int = NAME_LIMIT) -> BracketedName | None:
    """Read one name by the kinds of its brackets. None where no name is left. Never raises."""
    whole = clean_line(decode_entities(name), limit).text
    removed: list[str] = []

    def keep_or_remove(match: re.Match[str]) -> str:
        inside = match[1].strip()
        if match.start() > 0 and _is_branch(inside):
            return match.group()
        removed.append(inside)
        return ""

    bare = " ".join(_BRACKETS.sub(keep_or_remove, whole).split()).strip(" ,;–-")
    if not any(character.isalnum() for character in bare):
        return None
    special = _SPECIAL.search(bare)
    notes = [fold(text) for text in removed if text]
    dates = [take_dates(note).date for note in notes if _START_NOTE.match(note)]
    return BracketedName(
        name=bare,
        venue=_venue_of_special(bare, special) if special else bare,
        weekdays=tuple(sorted({day for note in notes if _is_cadence(note) for day in find_weekdays(note)})),
        starts_on=dates[0] if dates else None,
        flag=_flag(notes),
        special=special is not None,
        removed=tuple(removed),
    )


def _is_branch(inside: str) -> bool:
    folded = fold(inside)
    return bool(folded) and not (
        _is_cadence(folded) or _START_NOTE.match(folded) or find_status_word(folded) or _REMARK.search(folded)
    )


def _is_cadence(note: str) -> bool:
    """Whether a bracket holds nothing but a schedule: "Saturday", "1st & 3rd Thursdays at 7:30 pm"."""
    words = [word for word in _BETWEEN_WORDS.split(note) if word]
    return bool(words) and all(_CADENCE_WORD.fullmatch(word) for word in words)


def _flag(notes: list[str]) -> StatusWord | None:
    stated = next((word for note in notes if (word := find_status_word(note))), None)
    if stated is None and any(_START_NOTE.match(note) for note in notes):
        return StatusWord.STARTS_LATER
    return stated


def _venue_of_special(name: str, special: re.Match[str]) -> str | None:
    """Behind "Vol. 1" the theme has ended, so the first " at " counts; behind "Hype Quiz: …" the last."""
    places = [match.end() for match in _AT.finditer(name, special.end())]
    if not places:
        return None
    return name[places[-1] if "hype" in special.group().casefold() else places[0] :].strip(" ,") or None
