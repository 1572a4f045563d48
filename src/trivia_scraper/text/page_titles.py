"""Titles of pages that hold more than a name: SpeedQuizzing's og:title (sources.md 5.2, 5.5), PubQuiz.pl's (7.3)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from trivia_scraper.text.cleaning import NAME_LIMIT, clean_line, decode_entities

CUT_AT: Final = 40  # 5.5: the site cuts what stands before ", Town"

_BULLET: Final = re.compile(r"\s*[•·]\s*")
_NEXT: Final = re.compile(r"next on\b\s*", re.IGNORECASE)
_HOSTED: Final = re.compile(r"\bhosted by\s+(.+)$", re.IGNORECASE)
_BRAND: Final = re.compile(r"speedquizzing\b.*", re.IGNORECASE)
_POLISH_PREFIX: Final = re.compile(r"\W*pub\s?quiz(?:\.pl)?\s*[–—:-]\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class PageTitle:
    """An og:title, read. Everything but `title` may be missing.

    title     the part between the bullets: "Quiz Night @ Wilkies Bar, Edinburgh"
    venue     what stands between "@" and the town; None in a free slogan
    is_cut    `venue` may lack its end: the page's own name field must be preferred
    locality  the town behind the last comma
    next_on   the text of the next date: "Monday 3 Mar"
    host      the name behind "Hosted by"
    """

    title: str
    venue: str | None = None
    is_cut: bool = False
    locality: str | None = None
    next_on: str | None = None
    host: str | None = None


def read_page_title(text: str | None) -> PageTitle | None:
    """ "<brand> • Quiz Night @ X, Town • Next on Monday 3 Mar" in its parts; None for a blank text. Never raises."""
    whole = clean_line(decode_entities(text or ""), 2 * NAME_LIMIT).text
    parts = [part for part in _BULLET.split(whole) if part]
    next_on = next((part[found.end() :] for part in parts if (found := _NEXT.match(part))), None)
    titles = [part for part in parts if not _NEXT.match(part)]
    if len(titles) > 1 and _BRAND.fullmatch(titles[0]):
        titles.pop(0)
    if not titles:
        return None
    hosted = next((found for part in titles if (found := _HOSTED.search(part))), None)
    title = _HOSTED.sub("", titles[0]).strip(" ,–-") or titles[0]
    before, at, place = title.rpartition(" @ ")
    head, comma, town = (place if at else title).rpartition(",")
    venue = ((head if comma else place).strip() or None) if at else None
    shown = f"{before}{at}{head}" if comma else title
    return PageTitle(
        title=title,
        venue=venue,
        is_cut=len(shown.rstrip()) >= CUT_AT,
        locality=(town.strip() or None) if comma and at else None,
        next_on=(next_on or "").strip() or None,
        host=hosted[1].strip() if hosted else None,
    )


def without_polish_prefix(title: str) -> str:
    """7.3: "PubQuiz.pl - Pasibus" and "Pub Quiz - Pasibus" are Pasibus; other titles stay, on one line."""
    whole = clean_line(decode_entities(title), NAME_LIMIT).text
    while (prefix := _POLISH_PREFIX.match(whole)) and prefix.end() < len(whole):
        whole = whole[prefix.end() :]
    return whole
