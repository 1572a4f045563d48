"""How sure it is that two venues are one: V4's score, and what speaks against it whatever the score (sources.md V4).

The score orders pairs for a person; the doubts keep a match on sight from mixing two pubs' evenings (decision 0014).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from rapidfuzz import fuzz
from rapidfuzz.distance import Jaro

from trivia_scraper.policy.places import (
    Place,
    Postcodes,
    address_words,
    compare_postcodes,
    house_numbers_differ,
    is_doorstep_postcode,
    metres_between,
    weighty_words,
)

NAME_WEIGHT: Final = 0.7
LOCATION_WEIGHT: Final = 0.3
NEAR_METRES: Final = 100.0
FAR_METRES: Final = 1000.0
HIGH: Final = 0.90
MEDIUM: Final = 0.75
KEPT_FROM: Final = 0.70
DUPLICATE_FROM: Final = 0.85
DUPLICATE_NEARNESS: Final = 0.95
# Decision 0013: farther apart than this, likeness alone is nothing.
ON_SIGHT_METRES: Final = 200.0
ON_SIGHT_ADDRESS: Final = 0.9
SAME_SPELLING: Final = 0.9
_PRECISION: Final = 9  # 0.7 · 1 + 0.3 · 1 is not 1 in binary, and a band begins at a round number


class Band(StrEnum):
    """How much a pair deserves a look (V4)."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


@dataclass(frozen=True, slots=True)
class Confidence:
    """What two places have in common; every number is 0 … 1.

    score      0.7 · name + 0.3 · location; 1 for equal place ids
    name       Jaro of the names without weightless words
    location   1 for equal postcodes, else the larger of address likeness and nearness
    nearness   1 up to 100 m, falling to 0 at 1 km; None where a position is unknown
    doubts     what speaks against being one, in words: any of them forbids a match on sight
    """

    score: float
    name: float
    location: float
    nearness: float | None
    metres: float | None
    postcodes: Postcodes
    same_place_id: bool
    doubts: tuple[str, ...]

    @property
    def is_duplicate(self) -> bool:
        """V4's verdict for the report."""
        near = self.postcodes is Postcodes.EQUAL or (self.nearness or 0.0) >= DUPLICATE_NEARNESS
        return (self.name >= DUPLICATE_FROM and near) or self.score >= DUPLICATE_FROM

    @property
    def is_kept(self) -> bool:
        """Whether a person should see the pair. Two postcodes that differ are two places unless it is one spot."""
        contradicted = self.postcodes is Postcodes.DIFFERENT and self.nearness != 1.0 and not self.same_place_id
        return self.score >= KEPT_FROM and not contradicted

    @property
    def is_on_sight(self) -> bool:
        """Whether the two are one without a person's word."""
        return self.same_place_id or (self.score >= HIGH and not self.doubts)

    @property
    def band(self) -> Band:
        """The pair's place in the report; different postcodes are never in the highest band."""
        if self.score >= HIGH and (self.postcodes is not Postcodes.DIFFERENT or self.same_place_id):
            return Band.HIGH
        return Band.MEDIUM if self.score >= MEDIUM else Band.LOW

    @property
    def why(self) -> str:
        """What speaks for it, and after "but" what speaks against it: one line for a person."""
        grounds = ["one place id"] if self.same_place_id else []
        grounds.append("same name" if self.name == 1 else f"names {self.name:.0%} alike")
        if self.metres is not None:
            grounds.append(f"{self.metres:,.0f} m apart")
        if self.postcodes is Postcodes.EQUAL:
            grounds.append("same postcode")
        elif not self.nearness and self.location > 0:
            grounds.append(f"addresses {self.location:.0%} alike")
        return ", ".join(grounds) + (f"; but {', '.join(self.doubts)}" if self.doubts else "")


def confidence(left: Place, right: Place) -> Confidence:
    """V4's score of two places, the same whichever comes first."""
    name = name_likeness(left.name, right.name)
    metres = metres_between(left, right)
    nearness = None if metres is None else _nearness(metres)
    postcodes = compare_postcodes(left.postcode, right.postcode)
    address = _address_likeness(left, right)
    location = 1.0 if postcodes is Postcodes.EQUAL else max(address, nearness or 0.0)
    same_place_id = left.place_id is not None and left.place_id == right.place_id
    score = 1.0 if same_place_id else round(NAME_WEIGHT * name + LOCATION_WEIGHT * location, _PRECISION)
    doubts = tuple(_doubts(left, right, metres, postcodes, address))
    return Confidence(score, name, location, nearness, metres, postcodes, same_place_id, doubts)


def may_be_kept(left: Place, right: Place) -> bool:
    """Whether the names alone leave a chance of being kept: what a batch asks before it looks at the places."""
    if left.place_id is not None and left.place_id == right.place_id:
        return True
    return NAME_WEIGHT * name_likeness(left.name, right.name) + LOCATION_WEIGHT >= KEPT_FROM - 10**-_PRECISION


def name_likeness(left: str, right: str) -> float:
    """Jaro of two names without case, diacritics and weightless words."""
    return Jaro.similarity(" ".join(weighty_words(left)), " ".join(weighty_words(right)))


def names_are_one(left: str, right: str) -> bool:
    """Whether the weighty words pair off, spelling apart: "Kings Head" and "The King's Head Inn", but never
    "The Crown" and "The Crown Tap", nor "Studio 12" and "Studio 13"."""
    mine, rest = weighty_words(left), list(weighty_words(right))
    if len(mine) != len(rest):
        return False
    for word in sorted(mine, key=lambda word: word not in rest):  # equal words first, so that none is taken away
        twin = next((other for other in sorted(rest, key=lambda o: o != word) if _is_one_word(word, other)), None)
        if twin is None:
            return False
        rest.remove(twin)
    return True


def _is_one_word(left: str, right: str) -> bool:
    if any(map(str.isdigit, left + right)):
        return left == right
    return Jaro.similarity(left, right) >= SAME_SPELLING


def _nearness(metres: float) -> float:
    return min(1.0, max(0.0, (FAR_METRES - metres) / (FAR_METRES - NEAR_METRES)))


def _address_likeness(left: Place, right: Place) -> float:
    if not left.address or not right.address:
        return 0.0
    return fuzz.token_sort_ratio(address_words(left), address_words(right)) / 100


def _doubts(left: Place, right: Place, metres: float | None, postcodes: Postcodes, address: float) -> list[str]:
    doubts = []
    if left.place_id is not None and right.place_id is not None and left.place_id != right.place_id:
        doubts.append("other place ids")
    if not names_are_one(left.name, right.name):
        doubts.append("a word of the name differs")
    if postcodes is Postcodes.DIFFERENT:
        doubts.append("other postcodes")
    if metres is not None and metres > ON_SIGHT_METRES:
        doubts.append("too far apart")
    elif metres is None and not _is_one_doorstep(left, postcodes) and address < ON_SIGHT_ADDRESS:
        doubts.append("nothing but the area in common")
    if (metres is None or metres > NEAR_METRES) and house_numbers_differ(left, right):
        doubts.append("other house numbers")
    return doubts


def _is_one_doorstep(left: Place, postcodes: Postcodes) -> bool:
    return postcodes is Postcodes.EQUAL and is_doorstep_postcode(left.postcode)
