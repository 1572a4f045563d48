"""Inquizition as it publishes: one JSONP document of a store locator, other tenants' keys included (sources.md 4)."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from trivia_scraper.demo.picture_names import hex_id
from trivia_scraper.demo.places_inquizition import PLACES
from trivia_scraper.demo.provider import Answer, clock_12, not_found
from trivia_scraper.demo.question_one import QuestionOne
from trivia_scraper.demo.world import (
    WEEKDAYS,
    Blueprint,
    Evening,
    Quirk,
    ReplicaVenue,
    ScheduleShown,
    invent_venues,
)

INDEX_PATH: Final = f"/json/{hex_id('inquizition', 32)}"
_SCRIPT: Final = "application/javascript; charset=UTF-8"

TENANT_KEYS: Final = {
    "expressmaps_api_key": "xm-3f1d7a90c2-demo-tenant",
    "mapbox_api_key": "pk.ZGVtbw.9a41e7-demo-tenant",
    "maptiler_api_key": "mt5Qv81-demo-tenant",
}
"""Keys that are nobody's: whatever shows one of them stored or logged the raw document."""

_ONE_TUN: Final = 4
_WHITE_HORSES: Final = (16, 24, 32)
_QUIRKS: Final = {
    3: frozenset({Quirk.TWO_WEEKDAYS}),
    6: frozenset({Quirk.ONE_LINE_ADDRESS}),
    7: frozenset({Quirk.SAME_NAME}),
    9: frozenset({Quirk.DAY_IN_TEXT_ONLY}),
    11: frozenset({Quirk.NO_PHONE}),
    13: frozenset({Quirk.PLACE_ID}),
    15: frozenset({Quirk.ONE_LINE_ADDRESS, Quirk.DAY_IN_TEXT_ONLY}),
    18: frozenset({Quirk.TWO_WEEKDAYS}),
    21: frozenset({Quirk.NO_TIME}),
    22: frozenset({Quirk.SAME_NAME}),
    28: frozenset({Quirk.NO_POSITION}),
    37: frozenset({Quirk.NO_ADDRESS}),
}
# Pubs of another provider: on the same evening as there, and on one of its own.
_SHARED: Final = {1: 0, 2: 6}


class Inquizition:
    """The British provider that has an index and nothing else."""

    slug = "inquizition"
    index_path = INDEX_PATH
    refusal = None
    placeholder_paths = ()

    def page_url(self, key: str, base: str) -> str:
        """The find page with the store's id; nothing is served there."""
        return f"{base}/find-a-quiz/#{key}"

    def invent(self, count: int, *, plain: bool) -> tuple[ReplicaVenue, ...]:
        """Pubs of London and beyond; two of them are Question One's as well."""
        blueprint = Blueprint(self.slug, "GB", PLACES, "020 7946 0", 13, _no_pictures, _QUIRKS, plain)
        venues = (_own(venue, plain=plain) for venue in invent_venues(blueprint, count))
        if plain:
            return tuple(venues)
        theirs = QuestionOne().invent(1 + max(_SHARED.values()), plain=False)
        shared = {mine: theirs[number] for mine, number in _SHARED.items()}
        return tuple(
            _same_pub(venue, shared[number], same_evening=number == min(_SHARED)) if number in shared else venue
            for number, venue in enumerate(venues)
        )

    def index(self, path: str, _query: Mapping[str, str], venues: Sequence[ReplicaVenue], base: str) -> Answer | None:  # noqa: ARG002 - the port's signature
        """The whole document, wrapped in its callback."""
        return Answer(f"slw({json.dumps(_document(venues))});\n", _SCRIPT) if path == INDEX_PATH else None

    def venue_key(self, path: str) -> str | None:  # noqa: ARG002 - the port's signature
        """No path is a venue's page (4.2)."""
        return None

    def page(self, venue: ReplicaVenue, base: str) -> Answer:  # noqa: ARG002 - the port's signature
        """There is none."""
        return not_found("Page not found - Inquizition")


def _no_pictures(number: int, file_name: str) -> str:
    return f"/never-shown/{number}/{file_name}"


def _own(venue: ReplicaVenue, *, plain: bool) -> ReplicaVenue:
    number = venue.spelling
    name = venue.name
    if not plain and number == _ONE_TUN:
        name = "The One Tun"
    if not plain and number % 40 in _WHITE_HORSES:
        name = "The White Horse"
    return replace(venue, key=str(97_520_000 + 13 * number), name=name, host=None, hero=None)


def _same_pub(venue: ReplicaVenue, theirs: ReplicaVenue, *, same_evening: bool) -> ReplicaVenue:
    first = theirs.evenings[0]
    other = Evening((first.weekday + 2) % 7 + 1, first.start)
    return replace(
        venue,
        name=theirs.name,
        place=theirs.place,
        street=theirs.street,
        postcode=theirs.postcode,
        latitude=theirs.latitude,
        longitude=theirs.longitude,
        evenings=(first if same_evening else other,),
    )


def _document(venues: Sequence[ReplicaVenue]) -> dict[str, Any]:
    expressmaps, *others = TENANT_KEYS.items()
    return {
        "settings": {"language": "en_GB", "units": "miles", "max_results": "10"},
        **dict([expressmaps]),
        "plan_type": "4",
        "plan_expiry": "2027-03-01",
        "filters": [{"name": day, "bitwise": 1 << number} for number, day in enumerate(WEEKDAYS)],
        "stores": [_store(venue) for venue in venues],
        **dict(others),
        "markers": [{"markerid": "default", "src": ""}],
        "branding": "0",
        "css": "",
        "layout": "side",
        "reviews_enabled": "0",
        "display_order_set": False,
        "filter_layout": "1",
    }


def _store(venue: ReplicaVenue) -> dict[str, Any]:
    days = [evening.day for evening in venue.evenings]
    shows_days = venue.schedule_shown is not ScheduleShown.NOWHERE and Quirk.DAY_IN_TEXT_ONLY not in venue.quirks
    nowhere = Quirk.NO_POSITION in venue.quirks
    return {
        "storeid": venue.key,
        "name": venue.name,
        "display_order": "999999",
        "data": {
            "address": address_of(venue),
            "description": schedule_text(venue),
            "website": f"https://www.{venue.slug}.example/quiz/" if venue.spelling % 5 != 4 else "",
            "website_text": "Book your table",
            "phone": venue.phone or "",
            "email": f"quiz@{venue.slug}.example",
            "map_lat": "0" if nowhere else f"{venue.latitude:.6f}",
            "map_lng": "0" if nowhere else f"{venue.longitude:.7f}",
            "markerid": "default",
        },
        "custom_data": False,
        "filters": days if shows_days else [],
        "google_placeid": f"ChIJ{hex_id(venue.key, 20)}" if Quirk.PLACE_ID in venue.quirks else "",
        "timezone": "Europe/London",
        "country": "GB",
        "filters_bitwise": sum(1 << (evening.weekday - 1) for evening in venue.evenings),
    }


def address_of(venue: ReplicaVenue) -> str:
    """CRLF lines, the town before the postcode; or one line with two spaces and no town (4.3)."""
    if Quirk.NO_ADDRESS in venue.quirks:
        return ""
    in_london = venue.place.city == "London"
    if in_london and Quirk.ONE_LINE_ADDRESS in venue.quirks:
        return f"Unit {venue.spelling}, {venue.street},  {venue.postcode}"
    quarter = [venue.place.name] if in_london and venue.spelling % 4 == 1 else []
    return "\r\n".join((venue.street, *quarter, venue.place.city, venue.postcode))


def schedule_text(venue: ReplicaVenue) -> str:
    """ "Tuesdays, 6.30pm" and its variants; for several days with one time "Mondays & Thursdays, 7pm"."""
    if venue.schedule_shown is ScheduleShown.NOWHERE:
        return ""
    first = venue.evenings[0]
    days = " & ".join(f"{evening.day}s" for evening in venue.evenings)
    if Quirk.NO_TIME in venue.quirks:
        return days
    return _DESCRIPTIONS[venue.spelling % len(_DESCRIPTIONS)](days, first)


_DESCRIPTIONS: Final[tuple[Callable[[str, Evening], str], ...]] = (
    lambda days, e: f"{days}, {clock_12(e.start.hour, e.start.minute, separator='.')}",
    lambda days, e: f"{days}, {clock_12(e.start.hour, e.start.minute, separator='.')}",
    lambda days, e: f"{days} {clock_12(e.start.hour, e.start.minute, separator='.')}",
    lambda days, e: f"{days}, {e.start.hour % 12}.{e.start.minute:02d}",
    lambda days, e: f"{days}, {clock_12(e.start.hour, e.start.minute, separator='.', suffixes=(' am', ' pm'))}",
    lambda days, e: f"{days}, {e.start:%H.%M}",
    lambda days, e: f"{days} at {clock_12(e.start.hour, e.start.minute)}",
)
