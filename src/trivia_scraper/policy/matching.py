"""Which stored venue a source's venue is (V1, V2). Name alone never matches, postcode alone never matches."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from trivia_scraper.domain.models import VenueFacts
from trivia_scraper.policy.identity import name_key, postcode_key

EARTH_RADIUS_METRES: Final = 6_371_000.0
FLAG_DISTANCE_METRES: Final = 50.0
# V2: up to this distance, this token overlap makes two places the same.
SIMILARITY_BY_DISTANCE: Final = ((50.0, 0.3), (100.0, 0.4), (200.0, 0.5))
SIMILARITY_IN_CITY: Final = 0.6
_WORDS_WITHOUT_WEIGHT: Final = frozenset(
    {"the", "and", "pub", "restaurant", "bar", "hotel", "inn", "tavern", "club", "cafe", "coffee", "shop"}
)


@dataclass(frozen=True, slots=True)
class VenueCandidate:
    """A stored venue that might be the one meant."""

    id: int
    slug: str
    name: str
    address: str | None
    city: str | None
    postcode: str | None
    place_id: str | None
    latitude: float | None
    longitude: float | None


@dataclass(frozen=True, slots=True)
class VenueMatch:
    """The venue found and the rule that found it; `look_alikes` are near ones for a person to judge."""

    venue_id: int | None
    rule: str
    look_alikes: tuple[str, ...] = ()


def match_venue(facts: VenueFacts, candidates: Sequence[VenueCandidate]) -> VenueMatch:
    """Walk V1 in its order: place id, name + postcode, name + address, name + city, distance + likeness."""
    rules = (
        ("place_id", lambda c: facts.place_id is not None and c.place_id == facts.place_id),
        ("name_postcode", lambda c: _same_name(facts, c) and _same_postcode(facts, c)),
        ("name_address", lambda c: _same_name(facts, c) and _same_text(facts.address, c.address)),
        ("name_city", lambda c: _same_name(facts, c) and _same_city(facts, c)),
        ("distance", lambda c: _near_and_alike(facts, c)),
    )  # fmt: skip
    for rule, holds in rules:
        found = [candidate for candidate in candidates if holds(candidate)]
        if found:
            return VenueMatch(min(found, key=lambda c: (_distance(facts, c), c.id)).id, rule)
    return VenueMatch(None, "new", tuple(c.slug for c in candidates if _is_look_alike(facts, c)))


def name_similarity(left: str, right: str) -> float:
    """Token overlap (Jaccard) of two names without words that carry no weight; 0 … 1."""
    a, b = _tokens(left), _tokens(right)
    return len(a & b) / len(a | b) if a and b else 0.0


def distance_metres(lat1: float, lon1: float, lat2: float, lon2: float) -> float:
    """Great-circle distance in metres."""
    phi1, phi2 = math.radians(lat1), math.radians(lat2)
    half_lat, half_lon = (phi2 - phi1) / 2, math.radians(lon2 - lon1) / 2
    chord = math.sin(half_lat) ** 2 + math.cos(phi1) * math.cos(phi2) * math.sin(half_lon) ** 2
    return 2 * EARTH_RADIUS_METRES * math.asin(math.sqrt(min(1.0, chord)))


def _near_and_alike(facts: VenueFacts, candidate: VenueCandidate) -> bool:
    if _postcodes_differ(facts, candidate):
        return False
    similarity = name_similarity(facts.name, candidate.name)
    metres = _distance(facts, candidate)
    for limit, least in SIMILARITY_BY_DISTANCE:
        if metres <= limit:
            return similarity >= least
    # V2 also lets likeness decide "farther away within the same city": not here (decision 0013). Two pubs whose
    # positions are known and 3 km apart are two pubs, however alike their names.
    unknown = math.isinf(metres)
    return unknown and _same_text(facts.city, candidate.city) and similarity >= SIMILARITY_IN_CITY


def _is_look_alike(facts: VenueFacts, candidate: VenueCandidate) -> bool:
    near = _distance(facts, candidate) <= FLAG_DISTANCE_METRES
    return near and name_similarity(facts.name, candidate.name) > 0


def _distance(facts: VenueFacts, candidate: VenueCandidate) -> float:
    if facts.latitude is None or facts.longitude is None or candidate.latitude is None or candidate.longitude is None:
        return math.inf
    return distance_metres(facts.latitude, facts.longitude, candidate.latitude, candidate.longitude)


def _same_name(facts: VenueFacts, candidate: VenueCandidate) -> bool:
    return name_key(facts.name) == name_key(candidate.name)


def _same_postcode(facts: VenueFacts, candidate: VenueCandidate) -> bool:
    mine = postcode_key(facts.postcode)
    return mine is not None and mine == postcode_key(candidate.postcode)


def _postcodes_differ(facts: VenueFacts, candidate: VenueCandidate) -> bool:
    mine, theirs = postcode_key(facts.postcode), postcode_key(candidate.postcode)
    return mine is not None and theirs is not None and mine != theirs


def _same_city(facts: VenueFacts, candidate: VenueCandidate) -> bool:
    return _same_text(facts.city, candidate.city) and not _postcodes_differ(facts, candidate)


def _same_text(left: str | None, right: str | None) -> bool:
    # A dash in place of an address says nothing: equal dashes would let a name alone match.
    key = name_key(left or "")
    return any(map(str.isalnum, key)) and key == name_key(right or "")


def _tokens(name: str) -> frozenset[str]:
    words = frozenset(name_key(name).split())
    return (words - _WORDS_WITHOUT_WEIGHT) or words
