"""The invented world: pubs with hosts, evenings and pictures, the same for the same provider and size.

A `ReplicaVenue` holds facts only; how a provider spells them is the business of that provider's module.
"""

from __future__ import annotations

import cmath
import datetime as dt
import random
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, StrEnum, auto
from typing import Final

from trivia_scraper.demo.names import blurb, host_name, pub_name, street_name
from trivia_scraper.demo.picture_names import PicturePlace, ReplicaPicture, hero_picture, portrait_picture
from trivia_scraper.demo.places import Place

WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
QUIRK_CYCLE: Final = 40
SAME_NAME: Final = "The Railway"

_STARTS: Final = (
    *(dt.time(20, 0),) * 5,
    *(dt.time(19, 30),) * 4,
    *(dt.time(19, 0),) * 3,
    dt.time(18, 30),
    dt.time(20, 30),
)


class Cadence(StrEnum):
    """How often an evening comes round."""

    WEEKLY = "weekly"
    BIWEEKLY = "biweekly"
    MONTHLY = "monthly"


class Quirk(Enum):
    """What is odd about one venue. Providers that do not know the oddity leave it out."""

    TWO_WEEKDAYS = auto()
    BIWEEKLY = auto()
    MONTHLY_FIRST = auto()
    MONTHLY_FIRST_AND_THIRD = auto()
    MONTHLY_LAST = auto()
    SAME_NAME = auto()
    SHARED_HOST = auto()
    NO_HOST = auto()
    HOST_WITHOUT_PICTURE = auto()
    PICTURE_WITHOUT_HOST = auto()
    NO_PICTURE = auto()
    PLACEHOLDER = auto()
    SAME_FILE_NAME = auto()
    ON_BREAK = auto()
    NO_FEE = auto()
    MISSPELT_PREFIX = auto()
    NO_DESCRIPTION = auto()
    NO_PHONE = auto()
    OTHER_FIELD = auto()
    NO_TIME = auto()
    NO_ADDRESS = auto()
    NO_POSITION = auto()
    DEFAULT_PIN = auto()
    ONE_LINE_ADDRESS = auto()
    DAY_IN_TEXT_ONLY = auto()
    PLACE_ID = auto()
    STALE_PAGE = auto()
    STALE_ID = auto()
    TWO_IDS = auto()
    SEVERAL_DATES = auto()
    SECOND_EVENING = auto()
    STARTS_LATER = auto()
    BRANCH = auto()
    REMARK = auto()
    AT_SIGN = auto()
    OTHER_ENTRIES = auto()


class ScheduleShown(StrEnum):
    """Where day and time can be read: a provider may lose them (N7, N9)."""

    EVERYWHERE = "everywhere"
    INDEX_ONLY = "index_only"
    NOWHERE = "nowhere"


@dataclass(frozen=True, slots=True)
class Evening:
    """One recurring quiz. `ordinals` are weeks of the month, -1 the last."""

    weekday: int
    start: dt.time
    cadence: Cadence = Cadence.WEEKLY
    ordinals: tuple[int, ...] = ()

    @property
    def day(self) -> str:
        """English name of the weekday."""
        return WEEKDAYS[self.weekday - 1]


@dataclass(frozen=True, slots=True)
class ReplicaHost:
    """Who asks the questions. An empty name is a picture without a name (H3)."""

    name: str
    picture: ReplicaPicture | None


@dataclass(frozen=True, slots=True)
class ReplicaVenue:
    """One pub of the invented world.

    key        stable key within its provider, the last segment of its page's path
    spelling   a number that picks among the provider's ways of writing things
    fee        as published, e.g. "£2 per person"; None = not stated
    """

    key: str
    name: str
    place: Place
    street: str
    postcode: str
    latitude: float
    longitude: float
    phone: str | None
    evenings: tuple[Evening, ...]
    fee: str | None
    paragraphs: tuple[str, ...]
    host: ReplicaHost | None
    hero: ReplicaPicture | None
    spelling: int
    quirks: frozenset[Quirk]
    on_break: bool = False
    schedule_shown: ScheduleShown = ScheduleShown.EVERYWHERE

    @property
    def slug(self) -> str:
        """The pub's name as it stands in addresses."""
        return slug_of(self.name)


@dataclass(frozen=True, slots=True)
class Blueprint:
    """What a provider's world is made from.

    names_from     shifts the choice of names, so that two providers do not begin with the same pub
    picture_place  where the provider puts a file: (number of the picture, file name) → path
    quirks         position within a cycle of 40 venues → what is odd there; 0 is kept plain as a showpiece
    plain          no oddities, a plain JPEG for each venue and host: the world of the benchmark
    """

    provider: str
    country: str
    places: tuple[Place, ...]
    phone_prefix: str
    names_from: int
    picture_place: PicturePlace
    quirks: Mapping[int, frozenset[Quirk]]
    plain: bool


def invent_venues(blueprint: Blueprint, count: int) -> tuple[ReplicaVenue, ...]:
    """`count` venues, always the same ones; a smaller world is the beginning of a larger one."""
    return tuple(_invent(blueprint, number) for number in range(count))


def slug_of(text: str) -> str:
    """Lower-case ASCII words joined by "-", as content systems make addresses."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain.replace("'", "")).strip("-")


def distinct_key(wished: str, fallback: str, taken: set[str]) -> str:
    """`wished`, else `fallback`, else that with the least number from 2 that is free; marks it taken."""
    key, number = wished if wished not in taken else fallback, 2
    while key in taken:
        key, number = f"{fallback}-{number}", number + 1
    taken.add(key)
    return key


def _invent(blueprint: Blueprint, number: int) -> ReplicaVenue:
    chance = random.Random(f"{blueprint.provider}:{number}")
    town, slot = number % len(blueprint.places), number // len(blueprint.places)
    place = blueprint.places[town]
    quirks = frozenset() if blueprint.plain else blueprint.quirks.get(number % QUIRK_CYCLE, frozenset())
    name = SAME_NAME if Quirk.SAME_NAME in quirks else pub_name(blueprint.country, town + blueprint.names_from, slot)
    latitude, longitude = _position(place, slot)
    return ReplicaVenue(
        key=f"{number:04d}",
        name=name,
        place=place,
        street=f"{chance.randint(1, 290)} {street_name(blueprint.country, number)}",
        postcode=_postcode(blueprint.country, place, chance),
        latitude=latitude,
        longitude=longitude,
        phone=None if Quirk.NO_PHONE in quirks else f"{blueprint.phone_prefix}{number % 1000:03d}",
        evenings=_evenings(quirks, chance),
        fee=None,
        paragraphs=() if Quirk.NO_DESCRIPTION in quirks else blurb(name, place, number),
        host=_host(blueprint, number, quirks),
        hero=_hero(blueprint, number, name, quirks),
        spelling=number,
        quirks=quirks,
        on_break=Quirk.ON_BREAK in quirks,
    )


def _position(place: Place, slot: int) -> tuple[float, float]:
    # A sunflower's spiral: neighbours within a town stand several hundred metres apart, so that no two
    # pubs are near enough to be taken for one (V2).
    radius, turn = 0.004 * (slot**0.5), slot * 2.39996
    offset = cmath.rect(radius, turn)
    return round(place.latitude + offset.real, 7), round(place.longitude + offset.imag, 7)


def _postcode(country: str, place: Place, chance: random.Random) -> str:
    if country != "GB":
        return place.postcode
    letters = "ABDEFGHJLNPQRSTUWXYZ"  # C I K M O V never stand in an inward code
    return f"{place.postcode} {chance.randint(1, 9)}{chance.choice(letters)}{chance.choice(letters)}"


def _evenings(quirks: frozenset[Quirk], chance: random.Random) -> tuple[Evening, ...]:
    weekday, start = chance.randint(1, 7), chance.choice(_STARTS)
    if Quirk.TWO_WEEKDAYS in quirks:
        other = (weekday + 1) % 7 + 1
        return tuple(Evening(day, start) for day in sorted((weekday, other)))
    for quirk, ordinals in (
        (Quirk.MONTHLY_FIRST, (1,)),
        (Quirk.MONTHLY_FIRST_AND_THIRD, (1, 3)),
        (Quirk.MONTHLY_LAST, (-1,)),
    ):
        if quirk in quirks:
            return (Evening(weekday, start, Cadence.MONTHLY, ordinals),)
    return (Evening(weekday, start, Cadence.BIWEEKLY if Quirk.BIWEEKLY in quirks else Cadence.WEEKLY),)


def _host(blueprint: Blueprint, number: int, quirks: frozenset[Quirk]) -> ReplicaHost | None:
    if Quirk.NO_HOST in quirks:
        return None
    # One host for every bearer of the quirk within a cycle: the same name and the same picture.
    person = number - number % QUIRK_CYCLE if Quirk.SHARED_HOST in quirks else number
    name = host_name(person)
    if Quirk.HOST_WITHOUT_PICTURE in quirks:
        return ReplicaHost(name, None)
    picture = portrait_picture(blueprint.picture_place, person, name)
    return ReplicaHost("" if Quirk.PICTURE_WITHOUT_HOST in quirks else name, picture)


def _hero(blueprint: Blueprint, number: int, name: str, quirks: frozenset[Quirk]) -> ReplicaPicture | None:
    if quirks & {Quirk.NO_PICTURE, Quirk.PLACEHOLDER}:
        return None
    file_name = "Quiz-Night" if Quirk.SAME_FILE_NAME in quirks else name
    style = 0 if blueprint.plain or Quirk.SAME_FILE_NAME in quirks else number
    return hero_picture(blueprint.picture_place, number, file_name, style)
