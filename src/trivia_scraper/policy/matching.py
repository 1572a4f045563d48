"""Which stored venue a source's venue is (V1, V2). Name alone never matches, postcode alone never matches.

V1's rules decide by facts that agree. After them V2's distances and shared words only choose whom to compare;
V4's confidence decides: from 0.90 and without a doubt it is that venue, from 0.70 a person looks (decision 0014).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from trivia_scraper.domain.models import VenueFacts
from trivia_scraper.policy.duplicates import FAR_METRES, NEAR_METRES, Confidence, confidence, names_are_one
from trivia_scraper.policy.identity import name_key
from trivia_scraper.policy.places import (
    Postcodes,
    compare_postcodes,
    house_numbers_differ,
    metres_between,
    same_text,
    weighty_words,
)

FLAG_DISTANCE_METRES: Final = 50.0
# V2: up to this distance, this token overlap makes two places worth comparing.
SIMILARITY_BY_DISTANCE: Final = ((50.0, 0.3), (100.0, 0.4), (200.0, 0.5))
SIMILARITY_IN_CITY: Final = 0.6


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
class LookAlike:
    """A stored venue that may be the one meant, and how sure that is: for a person to judge."""

    id: int
    slug: str
    confidence: Confidence


@dataclass(frozen=True, slots=True)
class VenueMatch:
    """The venue found, the rule that found it and V4's score of it (1 for a new one)."""

    venue_id: int | None
    rule: str
    confidence: float = 1.0
    look_alikes: tuple[LookAlike, ...] = ()


def match_venue(facts: VenueFacts, candidates: Sequence[VenueCandidate]) -> VenueMatch:
    """Walk V1 in its order: place id, name + postcode, name + address, name + city, then likeness."""
    rules = (
        ("place_id", lambda c: facts.place_id is not None and c.place_id == facts.place_id),
        ("name_postcode", lambda c: _same_name(facts, c) and _same_postcode(facts, c)),
        ("name_address", lambda c: _same_name(facts, c) and _same_address(facts, c)),
        ("name_city", lambda c: _same_name(facts, c) and _same_city(facts, c)),
    )  # fmt: skip
    for rule, holds in rules:
        found = [candidate for candidate in candidates if holds(candidate)]
        if found:
            best = min(found, key=lambda c: (_metres(facts, c), c.id))
            return VenueMatch(best.id, rule, confidence(facts, best).score)
    return _match_by_likeness(facts, candidates)


def _match_by_likeness(facts: VenueFacts, candidates: Sequence[VenueCandidate]) -> VenueMatch:
    compared = [(c, confidence(facts, c)) for c in candidates if is_worth_comparing(facts, c)]
    sure = [(c, alike) for c, alike in compared if alike.is_on_sight]
    if sure:
        best, alike = min(sure, key=lambda pair: (-pair[1].score, _metres(facts, pair[0]), pair[0].id))
        return VenueMatch(best.id, "alike", alike.score)
    look_alikes = tuple(LookAlike(c.id, c.slug, alike) for c, alike in compared if alike.is_kept)
    return VenueMatch(None, "new", 1.0, look_alikes)


def is_worth_comparing(facts: VenueFacts, candidate: VenueCandidate) -> bool:
    """V2: the farther, the more words must be shared; next door a single one is enough to be looked at."""
    similarity = 1.0 if names_are_one(facts.name, candidate.name) else name_similarity(facts.name, candidate.name)
    metres = _metres(facts, candidate)
    if metres <= FLAG_DISTANCE_METRES:
        return similarity > 0
    for limit, least in SIMILARITY_BY_DISTANCE:
        if metres <= limit:
            return similarity >= least
    in_one_area = same_text(facts.city, candidate.city) or _same_postcode(facts, candidate)
    return in_one_area and similarity >= SIMILARITY_IN_CITY


def name_similarity(left: str, right: str) -> float:
    """Token overlap (Jaccard) of two names without words that carry no weight; 0 … 1."""
    a, b = frozenset(weighty_words(left)), frozenset(weighty_words(right))
    return len(a & b) / len(a | b) if a and b else 0.0


def _metres(facts: VenueFacts, candidate: VenueCandidate) -> float:
    metres = metres_between(facts, candidate)
    return math.inf if metres is None else metres


def _same_name(facts: VenueFacts, candidate: VenueCandidate) -> bool:
    return name_key(facts.name) == name_key(candidate.name)


def _same_postcode(facts: VenueFacts, candidate: VenueCandidate) -> bool:
    return compare_postcodes(facts.postcode, candidate.postcode) is Postcodes.EQUAL


def _same_address(facts: VenueFacts, candidate: VenueCandidate) -> bool:
    # "High Street" is in every town.
    return same_text(facts.address, candidate.address) and not _is_elsewhere(facts, candidate)


def _same_city(facts: VenueFacts, candidate: VenueCandidate) -> bool:
    return same_text(facts.city, candidate.city) and not (
        _is_elsewhere(facts, candidate) or _is_at_another_number(facts, candidate)
    )


def _is_elsewhere(facts: VenueFacts, candidate: VenueCandidate) -> bool:
    """Other postcodes, or known to stand a kilometre apart: two houses of a chain are two (decision 0014)."""
    metres = metres_between(facts, candidate)
    if metres is not None and metres >= FAR_METRES:
        return True
    return compare_postcodes(facts.postcode, candidate.postcode) is Postcodes.DIFFERENT


def _is_at_another_number(facts: VenueFacts, candidate: VenueCandidate) -> bool:
    """A city has more than one Railway: another house number is another pub, unless both stand on one spot."""
    return _metres(facts, candidate) > NEAR_METRES and house_numbers_differ(facts, candidate)
