"""The blocks of Geeks Who Drink's list: attributes by date, instants in Denver's time, entries that are no quiz."""

from __future__ import annotations

import datetime as dt
from typing import Final
from zoneinfo import ZoneInfo

from trivia_scraper.demo.provider import text
from trivia_scraper.demo.world import Cadence, Evening, Quirk, ReplicaVenue, ScheduleShown

VENUES: Final = "/venues/"
BADGE: Final = "/wp-content/uploads/2024/05/gwd-badge.jpg"
_DENVER: Final = ZoneInfo("America/Denver")
_BRANDS: Final = {"gwd": "Geeks Who Drink", "sbt": "Small Batch Trivia", "jbl": "Jeopardy! Bar League"}
_NOT_YET: Final[dict[int, tuple[str, ...]]] = {
    2026: (),
    2025: ("data-podio", "data-title", "data-brand", "data-day"),
    2023: ("id", "data-brand", "data-day"),
}


def title_of(venue: ReplicaVenue) -> str:
    """The name as published, with what the site puts in brackets behind it."""
    if venue.on_break:
        return f"{venue.name} (On Hiatus)"
    for quirk, note in (
        (Quirk.SECOND_EVENING, venue.evenings[0].day),
        (Quirk.STARTS_LATER, "Starts on May 15!"),
        (Quirk.REMARK, "check venue for reservations!"),
    ):
        if quirk in venue.quirks:
            return f"{venue.name} ({note})"
    return venue.name


def instant_of(evening: Evening, number: int) -> str:
    """The start on some date long past, as the UTC instant that Denver's clock shows it at (6.3)."""
    day = dt.date(2022, 9, 22) if number % 2 else dt.date(2022, 2, 23)
    shown = dt.datetime.combine(day, evening.start, _DENVER)
    return f"{shown.astimezone(dt.UTC):%Y-%m-%dT%H:%M:%S}+0000"


def blocks_of(venue: ReplicaVenue, base: str) -> tuple[str, ...]:
    """A venue's entry, and what stands beside it in the list."""
    return (_block(venue, base), *(_other_entries(venue, base) if Quirk.OTHER_ENTRIES in venue.quirks else ()))


def _block(venue: ReplicaVenue, base: str) -> str:
    """One entry in the attributes of 2026, here and there of 2025 or 2023."""
    shows = venue.schedule_shown is not ScheduleShown.NOWHERE
    title, evening = text(title_of(venue)), venue.evenings[0]
    position = "" if Quirk.NO_POSITION in venue.quirks else f"{venue.latitude}|{venue.longitude}"
    latitude, _, longitude = position.partition("|")
    attributes = {
        "id": f"quizBlock-{venue.key}",
        "class": "find__block quizBlock quizBlock-returned",
        "href": f"{base}{VENUES}{venue.key}/",
        "data-podio": venue.key,
        "data-lat": latitude,
        "data-lon": longitude,
        "data-title": title,
        "data-address": text(f"{venue.street} {venue.place.city}, {venue.place.region_code} {venue.postcode}"),
        "data-brand": _brand(venue),
        "data-day": f"{evening.day}s" if shows else "",
    }
    year = _year(venue)
    stated = " ".join(f'{name}="{value}"' for name, value in attributes.items() if name not in _NOT_YET[year])
    brand = f'<span class="quizBlock__brand">{_BRANDS[_brand(venue)]}</span>'
    heading = "" if year == 2023 else f"<h2>{title}</h2> {brand}"
    time = f"<time>{evening.day}s at {moment_of(venue, '')}</time>" if shows else "<time></time>"
    return f"<a {stated}>\n  {heading}\n  {time}\n  {_logo(venue, base)}\n</a>"


def _year(venue: ReplicaVenue) -> int:
    return {5: 2025, 7: 2023}.get(venue.spelling % 8, 2026)


def _brand(venue: ReplicaVenue) -> str:
    return tuple(_BRANDS)[venue.spelling % 5 % 3]


def moment_of(venue: ReplicaVenue, shown: str) -> str:
    """Weekly evenings have an instant, the others are spelled on the page (6.2)."""
    evening = venue.evenings[0]
    if evening.cadence is not Cadence.WEEKLY:
        return ""
    return f'<span class="time-moment" data-time="{instant_of(evening, venue.spelling)}">{shown}</span>'


def _logo(venue: ReplicaVenue, base: str) -> str:
    if venue.hero is None and Quirk.PLACEHOLDER not in venue.quirks:
        return ""
    source = text(venue.hero.href(base) if venue.hero else f"{base}{BADGE}")
    if _year(venue) == 2025:
        return f'<span class="quizBlock__logo"><img src="{source}" alt=""></span>'
    return f'<img class="quizBlock__logo" src="{source}">'


def _other_entries(venue: ReplicaVenue, base: str) -> tuple[str, ...]:
    """What the list also holds: online quizzes, bingo, quizzes for a cause, one-off specials."""
    number, host = int(venue.key), text(venue.name)

    def entry(offset: int, title: str, time: str, brand: str = "gwd", kind: str = "") -> str:
        key = f"{kind}{number + offset}"
        return (
            f'<a id="quizBlock-{key}" class="find__block quizBlock" href="{base}{VENUES}{key}/" data-title="{title}"'
            f' data-lat="{venue.latitude}" data-lon="{venue.longitude}" data-address="{text(venue.street)}"'
            f' data-brand="{brand}"><h2>{title}</h2><time>{time}</time></a>'
        )

    return (
        entry(2, "Trivia from your sofa", "Mondays at ", kind="virtual-"),
        entry(3, f"{host} Bingo", "Sundays at ", brand="bng"),
        entry(4, f"{host} for the Library", "Saturdays at ", brand="qfac"),
        entry(5, f"Galaxy Quiz Vol. 1 at {host}", "Fridays at "),
        entry(6, f"{host} New Year&#8217;s Eve", "at "),
    )
