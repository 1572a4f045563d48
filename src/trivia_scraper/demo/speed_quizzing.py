"""SpeedQuizzing as it publishes: bookings in an inline script, and a page for each event id (sources.md 5)."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final
from urllib.parse import urlsplit

from trivia_scraper.demo.inquizition import Inquizition
from trivia_scraper.demo.places_abroad import COUNTRY_OF, PLACES
from trivia_scraper.demo.provider import Answer
from trivia_scraper.demo.speed_quizzing_page import TODAY, country_of, next_date, page_markup
from trivia_scraper.demo.world import Blueprint, Quirk, ReplicaVenue, invent_venues

INDEX_PATH: Final = "/find/"
_PAGE: Final = re.compile(r"/events/([0-9]+)/?")

_STALE: Final = frozenset({Quirk.STALE_ID})
_QUIRKS: Final = {
    3: frozenset({Quirk.STALE_ID, Quirk.HOST_WITHOUT_PICTURE}),
    4: _STALE,
    5: frozenset({Quirk.STALE_ID, Quirk.NO_HOST}),
    6: _STALE,
    7: frozenset({Quirk.STALE_ID, Quirk.SAME_NAME}),
    8: _STALE,
    9: frozenset({Quirk.STALE_ID, Quirk.SEVERAL_DATES, Quirk.NO_FEE}),
    10: _STALE,
    11: frozenset({Quirk.STALE_ID, Quirk.HOST_WITHOUT_PICTURE, Quirk.NO_FEE}),
    12: frozenset({Quirk.TWO_IDS}),
    13: _STALE,
    14: frozenset({Quirk.NO_POSITION}),
    15: _STALE,
    16: frozenset({Quirk.STALE_ID, Quirk.SHARED_HOST}),
    18: _STALE,
    19: frozenset({Quirk.STALE_ID, Quirk.NO_DESCRIPTION, Quirk.NO_FEE, Quirk.NO_HOST}),
    20: _STALE,
    21: frozenset({Quirk.STALE_ID, Quirk.SHARED_HOST, Quirk.HOST_WITHOUT_PICTURE}),
    22: frozenset({Quirk.SAME_NAME, Quirk.NO_HOST}),
    23: _STALE,
    25: _STALE,
    26: frozenset({Quirk.HOST_WITHOUT_PICTURE}),
    27: frozenset({Quirk.DEFAULT_PIN}),
    28: _STALE,
    29: frozenset({Quirk.NO_FEE}),
    31: _STALE,
    32: frozenset({Quirk.SHARED_HOST}),
    33: frozenset({Quirk.PICTURE_WITHOUT_HOST}),
    34: _STALE,
    36: frozenset({Quirk.HOST_WITHOUT_PICTURE, Quirk.NO_FEE}),
    38: _STALE,
}
# Between two pubs' ids, which stand seven apart.
_SECOND_ID_STEP: Final = 3
_STALE_STEP: Final = 5
_SHARED: Final = 2  # a pub of Inquizition's too

_FEES: Final = {
    "GB": ("£2 to play", "2 to play", "FREE to play", "£1.50 to play", "£5 per team to play", "£3 to play"),
    "IE": ("5 to play", "3 Euros to play", "Free to play"),
    "US": ("Free to play", "$0 with any purchase to play", "5 dollars to play"),
    "AE": ("0 to play", "50 dirhams to play"),
    "CY": ("3 Euros to play",),
    "AU": ("$10 to play", "none to play"),
}


class SpeedQuizzing:
    """The provider with pubs half over the world. About a third of the ids it lists are stale bookings (5.6)."""

    slug = "speed_quizzing"
    index_path = INDEX_PATH
    refusal = None
    placeholder_paths = ()

    def page_url(self, key: str, base: str) -> str:
        """/events/<event id>/."""
        return f"{base}/events/{key}/"

    def invent(self, count: int, *, plain: bool) -> tuple[ReplicaVenue, ...]:
        """`count` events; a pub may have two ids at once."""
        blueprint = Blueprint(self.slug, "GB", PLACES, "", 22, _picture_place, _QUIRKS, plain)
        pubs = (_own(venue) for venue in invent_venues(blueprint, count))
        if plain:
            return tuple(pubs)
        (theirs,) = Inquizition().invent(1, plain=False)
        events = (event for pub in pubs for event in _events(_shared(pub, theirs)))
        return tuple(events)[:count]

    def index(self, path: str, _query: Mapping[str, str], venues: Sequence[ReplicaVenue], base: str) -> Answer | None:  # noqa: ARG002 - the port's signature
        """The find page with all bookings in one literal."""
        if path != INDEX_PATH:
            return None
        bookings = json.dumps([row for venue in venues for row in _bookings(venue)], separators=(",", ":"))
        literal = bookings.replace("\\", "\\\\").replace("'", "\\'")
        return Answer(
            '<!DOCTYPE html>\n<html lang="en"><head><title>Find a SpeedQuizzing event</title></head><body>\n'
            "<div id=\"map\"></div>\n<script>\n    var radius = 25, units = 'miles';\n"
            f"    var events = JSON.parse('{literal}');\n    loadMap(events, 'find');\n</script>\n</body></html>\n"
        )  # fmt: skip

    def venue_key(self, path: str) -> str | None:
        """The event id of /events/<event id>/."""
        found = _PAGE.fullmatch(path)
        return found[1] if found else None

    def page(self, venue: ReplicaVenue, base: str) -> Answer:
        """The event's page. Stale bookings have none."""
        return Answer(page_markup(venue, urlsplit(base).path))


def _picture_place(number: int, _file_name: str) -> str:
    return f"/quiz_assets/images/hosts/host_pic{number}.jpg"


def _own(venue: ReplicaVenue) -> ReplicaVenue:
    """Without what this provider never shows, with a postcode as its country writes one."""
    country = COUNTRY_OF[venue.place]
    fees, number = _FEES[country], venue.spelling
    postcode = venue.place.postcode
    if country == "GB":
        postcode = venue.postcode
    elif country == "IE":
        postcode = f"{postcode} {'ACDEFHKNPRTVWXY'[number % 15]}{number % 90 + 10}{'VWXY'[number % 4]}"
    return replace(
        venue,
        key=str(10_000 + 7 * number),
        postcode=postcode,
        phone=None,
        evenings=venue.evenings[:1],
        fee=None if Quirk.NO_FEE in venue.quirks else fees[number % len(fees)],
        hero=None,
    )


def _shared(venue: ReplicaVenue, theirs: ReplicaVenue) -> ReplicaVenue:
    if venue.spelling != _SHARED:
        return venue
    return replace(
        venue,
        name=theirs.name,
        place=theirs.place,
        street=theirs.street,
        postcode=theirs.postcode,
        latitude=theirs.latitude,
        longitude=theirs.longitude,
    )


def _events(venue: ReplicaVenue) -> tuple[ReplicaVenue, ...]:
    """The ids of one pub: mostly one, now and then a second one (5.6)."""
    if Quirk.TWO_IDS not in venue.quirks:
        return (venue,)
    return venue, replace(venue, key=str(int(venue.key) + _SECOND_ID_STEP))


def _bookings(venue: ReplicaVenue) -> list[dict[str, Any]]:
    """The index rows of one id, the later date first where it has two; then perhaps those of a stale id."""
    dates = [next_date(venue.evenings[0])]
    if Quirk.SEVERAL_DATES in venue.quirks:
        dates.insert(0, dates[0] + dt.timedelta(days=7))
    rows = [_booking(venue, venue.key, date, number) for number, date in enumerate(dates)]
    if Quirk.STALE_ID in venue.quirks:
        rows.append(_booking(venue, stale_id(venue), dates[-1], len(dates)))
    return rows


def stale_id(venue: ReplicaVenue) -> str:
    """The id of a booking that this pub once had: its page is gone."""
    return str(int(venue.key) + _STALE_STEP)


def _booking(venue: ReplicaVenue, event_id: str, date: dt.date, number: int) -> dict[str, Any]:
    """One row; all scalars are strings but one."""
    return {
        "date": date.isoformat(),
        "bid": str(570_000 + 11 * int(venue.key) + number),
        "booked_date": "2026-07-02",
        "theme": "1" if venue.spelling % 9 == 8 else "0",
        "event_id": event_id,
        **_position(venue),
        "day": venue.evenings[0].day,
        "days_to_event": (date - TODAY).days,
    }


def _position(venue: ReplicaVenue) -> dict[str, str]:
    # Only a whole British postcode says the country without a position.
    if country_of(venue) == "GB" and Quirk.NO_POSITION in venue.quirks:
        return {"lat": "", "lon": ""}
    if country_of(venue) == "GB" and Quirk.DEFAULT_PIN in venue.quirks:
        return {"lat": "0", "lon": "0"}
    return {"lat": str(venue.latitude), "lon": str(venue.longitude)}
