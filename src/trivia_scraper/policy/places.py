"""How two places lie to each other: metres, postcodes, house numbers, and the words of a name that carry weight."""

from __future__ import annotations

import math
import re
from enum import Enum, auto
from functools import lru_cache
from typing import Final, Protocol

from trivia_scraper.policy.identity import name_key, postcode_key

EARTH_RADIUS_METRES: Final = 6_371_000.0

# V4: words that say what kind of house it is, not which one.
WORDS_WITHOUT_WEIGHT: Final = frozenset(
    {"the", "and", "pub", "restaurant", "bar", "hotel", "inn", "tavern", "club", "cafe", "coffee", "shop"}
)

_DOORSTEP: Final = (
    re.compile(r"([A-Z]{1,2}\d[A-Z\d]?)\d[A-Z]{2}"),  # UK
    re.compile(r"([A-Z]\d[\dW])[A-Z\d]{4}"),  # Eircode
)
_ZIP_WITH_TAIL: Final = re.compile(r"(\d{5})-?\d{4}")
_OUTWARD: Final = re.compile(r"[A-Z]{1,2}\d[A-Z\d]?")


class Place(Protocol):
    """What is compared of a venue, whether a source states it or the catalogue holds it."""

    @property
    def name(self) -> str: ...
    @property
    def address(self) -> str | None: ...
    @property
    def city(self) -> str | None: ...
    @property
    def postcode(self) -> str | None: ...
    @property
    def place_id(self) -> str | None: ...
    @property
    def latitude(self) -> float | None: ...
    @property
    def longitude(self) -> float | None: ...


class Postcodes(Enum):
    """What two postcodes say of each other. COMPATIBLE: one is the outward half of the other (P1)."""

    UNKNOWN = auto()
    EQUAL = auto()
    COMPATIBLE = auto()
    DIFFERENT = auto()


def compare_postcodes(left: str | None, right: str | None) -> Postcodes:
    """Two outward codes that are equal are compatible only: a district is no address."""
    mine, theirs = postcode_key(left), postcode_key(right)
    if mine is None or theirs is None:
        return Postcodes.UNKNOWN
    if mine == theirs:
        return Postcodes.COMPATIBLE if _OUTWARD.fullmatch(mine) else Postcodes.EQUAL
    short, long = sorted((mine, theirs), key=len)
    return Postcodes.COMPATIBLE if short in _shorter_forms(long) else Postcodes.DIFFERENT


def is_doorstep_postcode(postcode: str | None) -> bool:
    """Whether it names a few addresses (UK unit, Eircode) and not a whole suburb (ZIP, Australia, Poland)."""
    key = postcode_key(postcode)
    return key is not None and any(form.fullmatch(key) for form in _DOORSTEP)


def _shorter_forms(key: str) -> frozenset[str]:
    """How the same postcode is written as a hint: "W1F 8PU" as W1F or W1, "02114-1234" as 02114."""
    matches = [form.fullmatch(key) for form in (*_DOORSTEP, _ZIP_WITH_TAIL)]
    areas = {match[1] for match in matches if match} or ({key} if _OUTWARD.fullmatch(key) else set())
    return frozenset(areas | {area[:-1] for area in areas if area[-1].isalpha()})


def metres_between(left: Place, right: Place) -> float | None:
    """Great-circle distance in metres; None where a position is unknown."""
    if left.latitude is None or left.longitude is None or right.latitude is None or right.longitude is None:
        return None
    return distance_metres(left.latitude, left.longitude, right.latitude, right.longitude)


def distance_metres(lat1: float, lon1: float, lat2: float, lon2: float) -> float:
    """Great-circle distance in metres."""
    phi1, phi2 = math.radians(lat1), math.radians(lat2)
    half_lat, half_lon = (phi2 - phi1) / 2, math.radians(lon2 - lon1) / 2
    chord = math.sin(half_lat) ** 2 + math.cos(phi1) * math.cos(phi2) * math.sin(half_lon) ** 2
    return 2 * EARTH_RADIUS_METRES * math.asin(math.sqrt(min(1.0, chord)))


@lru_cache(maxsize=32_768)  # comparing all venues asks for each name a hundred times
def weighty_words(name: str) -> tuple[str, ...]:
    """A name's words without those of V4 that carry no weight; all of them where none would be left."""
    words = tuple(name_key(name).split())
    return tuple(word for word in words if word not in WORDS_WITHOUT_WEIGHT) or words


def same_text(left: str | None, right: str | None) -> bool:
    """Whether two texts say the same; a dash in place of an address says nothing."""
    key = name_key(left or "")
    return any(map(str.isalnum, key)) and key == name_key(right or "")


def house_numbers_differ(left: Place, right: Place) -> bool:
    """Whether both addresses have house numbers and share none: "12 High Street" is not "14 High Street"."""
    mine, theirs = _house_numbers(left), _house_numbers(right)
    return bool(mine) and bool(theirs) and not mine & theirs


def _house_numbers(place: Place) -> frozenset[str]:
    return frozenset(word for word in address_words(place).split() if re.fullmatch(r"\d+[a-z]?", word))


def address_words(place: Place) -> str:
    """The address in one spelling, without the postcode, which is compared by itself."""
    postcode = name_key(place.postcode or "").split()
    return " ".join(word for word in name_key(place.address or "").split() if word not in postcode)
