"""A place look-up that knows the invented pubs: asks and answers like Nominatim's /search with format=jsonv2."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from trivia_scraper.demo.site import ReplicaSite
from trivia_scraper.demo.world import ReplicaVenue
from trivia_scraper.policy.places import is_doorstep_postcode
from trivia_scraper.text.coordinates import Position
from trivia_scraper.text.zones import country_at

LOOKUP_PATH: Final = "/lookup/search"

_HALF_A_HOUSE: Final = 0.0001
_GAPS: Final = re.compile(r"[\W_]+")


def lookup_route(site: ReplicaSite) -> Route:
    """GET /lookup/search?q=…&countrycodes=…: a list with the pub at that address, or an empty one."""

    async def search(request: Request) -> JSONResponse:
        asked = request.query_params
        codes = frozenset(filter(None, asked.get("countrycodes", "").split(",")))
        venue = find_venue(asked.get("q", ""), codes, (each for world in site.worlds.values() for each in world))
        return JSONResponse([] if venue is None else [place_of(venue)])

    return Route(LOOKUP_PATH, search)


def find_venue(query: str, country_codes: frozenset[str], venues: Iterable[ReplicaVenue]) -> ReplicaVenue | None:
    """The pub whose street stands in the query with its town or postcode, or whose own postcode does."""
    words = _words(query)
    best: tuple[int, ReplicaVenue | None] = 0, None
    for venue in venues:
        agreement = _agreement(venue, words)
        if agreement > best[0] and (not country_codes or country_code(venue) in country_codes):
            best = agreement, venue
    return best[1]


def _agreement(venue: ReplicaVenue, words: str) -> int:
    """How well a query fits a pub; 0 = not at all."""
    street, town, postcode = (
        bool(text.strip()) and _words(text) in words for text in (venue.street, venue.place.city, venue.postcode)
    )
    if street:
        return 2 * postcode + town
    return int(postcode and is_doorstep_postcode(venue.postcode))


def place_of(venue: ReplicaVenue) -> dict[str, Any]:
    """One place as jsonv2 has it: positions are text, a bounding box is south, north, west, east."""
    number = zlib.crc32(f"{venue.name}, {venue.street}, {venue.postcode}".encode())
    house, _, road = venue.street.partition(" ")
    code = country_code(venue)
    return {
        "place_id": number,
        "licence": "Invented by trivia-scraper's replica",
        "osm_type": "node",
        "osm_id": number,
        "lat": f"{venue.latitude:.7f}",
        "lon": f"{venue.longitude:.7f}",
        "category": "amenity",
        "type": "pub",
        "place_rank": 30,
        "importance": 0.00001,
        "addresstype": "amenity",
        "name": venue.name,
        "display_name": f"{venue.name}, {venue.street}, {venue.place.city}, {venue.postcode}",
        "address": {
            "amenity": venue.name,
            "house_number": house,
            "road": road,
            "suburb": venue.place.name,
            "city": venue.place.city,
            "postcode": venue.postcode,
            **({"country_code": code} if code else {}),
        },
        "boundingbox": [f"{degrees:.7f}" for degrees in _box(venue)],
    }


def country_code(venue: ReplicaVenue) -> str | None:
    """ISO 3166 alpha-2 in lower case, as Nominatim writes it."""
    country = country_at(Position(venue.latitude, venue.longitude))
    return country.lower() if country else None


def _box(venue: ReplicaVenue) -> tuple[float, float, float, float]:
    south, west = venue.latitude - _HALF_A_HOUSE, venue.longitude - _HALF_A_HOUSE
    return south, south + 2 * _HALF_A_HOUSE, west, west + 2 * _HALF_A_HOUSE


def _words(text: str) -> str:
    """Folded words with a blank around each, so that "2 Mill Lane" is not found in "12 Mill Lane"."""
    return f" {_GAPS.sub(' ', text.casefold()).strip()} "
