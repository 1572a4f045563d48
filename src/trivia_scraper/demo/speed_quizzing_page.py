"""The pages of SpeedQuizzing's replica: titles, addresses, times and fees in many spellings (sources.md 5.2-5.5)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Final

from trivia_scraper.demo.places_abroad import COUNTRY_OF
from trivia_scraper.demo.provider import clock_12, text
from trivia_scraper.demo.world import Evening, Quirk, ReplicaVenue, ScheduleShown

TODAY: Final = dt.date(2026, 7, 11)
"""The replica's own day: its index lists the occurrences from here on, the same ones for ever."""

_PRIZES: Final = (
    "Prizes, £45 Bar Tab 1st Prize, 2nd Prize Bottle of prosecc",
    "Prizes, Gift Cards",
    "Prizes, $50 Cash",
)
_JUNK: Final = ("Max 6 per team | Age 18+", "Max No per team | Age 18++", "Age All+", "Max 8 per team | Age n/a+")
_STARS: Final = ("★{} ", "★{} ", "⭐{} ")


def page_markup(venue: ReplicaVenue, mount: str) -> str:
    """One event's page; pictures are site-relative, below `mount`."""
    place = f"<b>{text(venue.name)}</b>, {text(address_of(venue))}"
    lines = (
        '<!DOCTYPE html>\n<html lang="en"><head>',
        f'<meta property="og:title" content="{text(title_of(venue))}">',
        f'<meta name="description" content="{text(_invitation(venue))}">',
        "<title>SpeedQuizzing</title></head><body>",
        f'<p class="mb-0"><i class="fa fa-map-marker"></i>{place}</p>',
        f'<p class="mb-0"><i class="fa fa-clock"></i>{text(clock_line(venue))}</p>',
        f'<p class="sm1">{text(description_of(venue))}</p>',
        _host_section(venue, mount),
        _map(venue),
        "</body></html>",
    )
    return "\n".join(line for line in lines if line) + "\n"


def country_of(venue: ReplicaVenue) -> str:
    """The country a venue's place lies in; British where it is another provider's pub."""
    return COUNTRY_OF.get(venue.place, "GB")


def next_date(evening: Evening) -> dt.date:
    """The next occurrence, seen from the replica's own day."""
    return TODAY + dt.timedelta(days=(evening.weekday - TODAY.isoweekday()) % 7)


def address_of(venue: ReplicaVenue) -> str:
    """The address without state and country, the postcode whole, half or left out (5.5)."""
    place, number, country = venue.place, venue.spelling, country_of(venue)
    quarter = [place.name] if place.name not in (place.city, "Burslem") and place.city != "London" else []
    parts = [venue.street, *quarter, place.city]
    if country == "GB":
        needs_all = place.city == "London" or venue.quirks & {Quirk.NO_POSITION, Quirk.DEFAULT_PIN}
        style = 0 if needs_all else number % 4
        if style == 3:
            return ", ".join((*parts, place.city.lower()))  # doubled towns are common
        parts += {0: [venue.postcode], 1: [venue.postcode.partition(" ")[0]], 2: []}[style]
    elif country == "US":
        if number % 3 == 2:
            return ", ".join(parts).lower()
        parts.append(place.postcode)
    elif country in ("AE", "IE"):
        parts.append(venue.postcode)
    return ", ".join(parts)


def title_of(venue: ReplicaVenue) -> str:
    """og:title: the site's part, a title in one of its forms, the next date."""
    evening = venue.evenings[0]
    where = f"{venue.name}, {venue.place.city}"
    own = (f"Quiz Night @ {where}", f"{evening.day} @ {where}", "Think you know it all? Prove it!")[
        venue.spelling % 3
    ]
    date = next_date(evening)
    return f"SpeedQuizzing Smartphone Pub Quiz • {own} • Next on {evening.day} {date.day} {date:%b}"


def _invitation(venue: ReplicaVenue) -> str:
    hosted = f" Hosted by {_star(venue)}{venue.host.name}." if _has_host_name(venue) and venue.host else ""
    return f"Join the fun at {venue.name}, the smartphone pub quiz without cheating.{hosted}"


def _has_host_name(venue: ReplicaVenue) -> bool:
    return venue.host is not None and venue.host.picture is None


def _star(venue: ReplicaVenue) -> str:
    return _STARS[venue.spelling % len(_STARS)].format(600 + venue.spelling) if venue.spelling % 2 == 0 else ""


def clock_line(venue: ReplicaVenue) -> str:
    evening = venue.evenings[0]
    date = next_date(evening)
    if venue.schedule_shown is not ScheduleShown.EVERYWHERE:
        return f" tbc • {evening.day} {date.day} {date:%b} {date.year}"
    return f" {spelled(evening.start, venue.spelling)} • {evening.day} {date.day} {date:%b} {date.year}"


def spelled(start: dt.time, number: int) -> str:
    """One of the many spellings of a time (5.3); bare hours only on the hour."""
    forms = _HALF_PAST if start.minute else _ON_THE_HOUR
    return forms[number % len(forms)](start)


_ON_THE_HOUR: Final[tuple[Callable[[dt.time], str], ...]] = (
    lambda t: clock_12(t.hour, t.minute),
    lambda t: f"{t.hour % 12}:00 PM",
    lambda t: f"{t:%H:%M}",
    lambda t: f"{t.hour % 12}PM",
    lambda t: f"{t.hour % 12}",
    lambda t: f"{t.hour % 12}.00pm",
    lambda t: f"{t.hour % 12}p",
    lambda t: f"{t.hour % 12}:00 pm",
    lambda t: f"{t:%H%M}",
)
_HALF_PAST: Final[tuple[Callable[[dt.time], str], ...]] = (
    lambda t: clock_12(t.hour, t.minute, separator="."),
    lambda t: clock_12(t.hour, t.minute),
    lambda t: f"{t.hour % 12}:{t.minute:02d}",
    lambda t: f"{t:%H%M}",
    lambda t: f"{t.hour % 12}{t.minute:02d}pm",
    lambda t: f"{t.hour % 12}:{t.minute:02d} PM",
    lambda t: f"{t:%H:%M}",
)


def description_of(venue: ReplicaVenue) -> str:
    """Prizes, fee, team and age: any of them may be missing (5.4)."""
    if Quirk.NO_DESCRIPTION in venue.quirks:
        return ""
    number = venue.spelling
    prize = [_PRIZES[number % len(_PRIZES)][:58]] if number % 2 == 0 or venue.fee is None else []
    junk = [_JUNK[number % len(_JUNK)]] if number % 3 else []
    return " | ".join((*prize, *_to_play(venue.fee), *junk))


def _to_play(fee: str | None) -> tuple[str, ...]:
    """The part about the fee; an amount that a switch set alone is worded here."""
    return () if fee is None else (fee if fee.endswith("to play") else f"{fee} to play",)


def _host_section(venue: ReplicaVenue, mount: str) -> str:
    """Only hosts with a picture have a section; the others are named in the description (5.5)."""
    host = venue.host
    if host is None or host.picture is None:
        return ""
    heading = f"This event is hosted by {_star(venue)}{host.name}" if host.name else ""
    picture = f'<img class="host-img" src="{text(mount + host.picture.path)}">'
    story = '<p class="sm1">Twenty years of quizzes, and £99 for the best answer | £9 to play</p>'
    return f'<div id="menu4">\n  <h3>{text(heading)}</h3>\n  {picture}\n  {story}\n</div>'


def _map(venue: ReplicaVenue) -> str:
    if Quirk.NO_POSITION not in venue.quirks:
        return ""
    return f"<script> var pin = createMarker({{lat: {venue.latitude}, lng: {venue.longitude}}}); </script>"
