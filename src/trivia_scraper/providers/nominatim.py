"""Address look-ups at a Nominatim-compatible search service: what to ask, how to read the answer (P4, P5, V8).

`/search?q=…&format=jsonv2&limit=1&addressdetails=1&countrycodes=gb` answers with a list of at most one place,
its position as text. Services that sell the same interface want a key as one more parameter, and some of them
say "nothing found" with status 404.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import urlencode, urlsplit, urlunsplit

from trivia_scraper.domain.errors import PageShapeChanged
from trivia_scraper.domain.lookups import FoundPlace
from trivia_scraper.domain.pages import PageRequest
from trivia_scraper.sources.json_reading import member, read_json, text_of
from trivia_scraper.text.coordinates import Position, read_position
from trivia_scraper.text.localities import accept_locality
from trivia_scraper.text.postcodes import read_postcode

STEP: Final = "lookup"
DEADLINE_SECONDS: Final = 5.0

# Nominatim's place_rank: 4 a country, 5-12 states and counties, 13-18 cities and towns that reach for kilometres,
# 19 villages and suburbs, 26 streets, 30 houses.
LEAST_RANK: Final = 19
HOUSE_RANK: Final = 30
_LOOKED_FOR: Final = "the look-up's places"
_AREAS: Final = frozenset(
    {"continent", "country", "state", "region", "province", "county", "state_district", "district", "city", "town"}
    | {"municipality", "island"}
)
_TOWN_FIELDS: Final = ("city", "town", "village", "hamlet", "municipality")
_NOTHING_FOUND: Final = "unable to geocode"
_DECIMALS: Final = 7


def lookup_request(url: str, query: str, country: str, *, key: str, key_parameter: str) -> PageRequest:
    """The request for one address in one country (ISO 3166 alpha-2). Its URL holds the key: not for storing.

    url  the service's search address; parameters that it has already are kept
    """
    asked = {"q": query, "format": "jsonv2", "limit": "1", "addressdetails": "1", "countrycodes": country.lower()}
    if key:
        asked[key_parameter] = key
    parts = urlsplit(url)
    joined = "&".join(filter(None, (parts.query, urlencode(asked))))
    return PageRequest(
        urlunsplit((parts.scheme, parts.netloc, parts.path, joined, "")),
        step=STEP,
        kind="detail",
        headers={"Accept": "application/json"},
        accept_status=frozenset({404}),
        deadline_seconds=DEADLINE_SECONDS,
    )


def read_lookup(text: str, country: str) -> FoundPlace | None:
    """The place that was found, or None for none, for one in another country and for one as large as a town.

    Raises PageShapeChanged for an answer that is none: HTML, an error message, JSON beyond every bound.
    """
    answer = read_json(text, looked_for=_LOOKED_FOR, url="")
    if isinstance(answer, dict):
        _refuse_unless_nothing_found(answer)
        return None
    if not isinstance(answer, list):
        raise PageShapeChanged("the look-up did not answer with a list", looked_for=_LOOKED_FOR)
    if not answer:
        return None
    place = answer[0]
    if not isinstance(place, dict):
        raise PageShapeChanged("the look-up's place is no object", looked_for=_LOOKED_FOR)
    position = read_position(place.get("lat"), place.get("lon"))
    if position is None or _is_area(place) or _is_abroad(place, country):
        return None
    return _found(position, place, country)


def _refuse_unless_nothing_found(answer: dict[str, object]) -> None:
    """An object in place of the list: "nothing found" as some services say it, else an error of theirs."""
    said = text_of(answer.get("error")) or text_of(member(answer, "error", "message")) or "an object without a list"
    if said.strip().casefold() != _NOTHING_FOUND:
        raise PageShapeChanged(f"the look-up answered: {said[:200]}", looked_for=_LOOKED_FOR)


def _is_area(place: dict[str, object]) -> bool:
    rank = place.get("place_rank")
    if isinstance(rank, int) and not isinstance(rank, bool):
        return rank < LEAST_RANK
    return any(place.get(name) in _AREAS for name in ("addresstype", "type") if isinstance(place.get(name), str))


def _is_abroad(place: dict[str, object], country: str) -> bool:
    stated = text_of(member(place, "address", "country_code"))
    return stated is not None and stated.strip().upper() != country


def _found(position: Position, place: dict[str, object], country: str) -> FoundPlace:
    stated = (text_of(member(place, "address", field)) for field in _TOWN_FIELDS)
    city = next((town for town in map(accept_locality, stated) if town), None)
    # A street may have several postcodes; a house has one.
    is_house = place.get("place_rank") == HOUSE_RANK
    postcode = read_postcode(member(place, "address", "postcode"), country) if is_house else None
    return FoundPlace(round(position.latitude, _DECIMALS), round(position.longitude, _DECIMALS), city, postcode)
