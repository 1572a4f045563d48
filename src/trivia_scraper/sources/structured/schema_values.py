"""Values of schema.org properties, whatever form they come in: one, many, an object with a name, a reference.

JSON-LD and microdata are both read into nodes: mappings of property names to values, "@type" among them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

from trivia_scraper.sources.json_reading import text_of

MANY_LIMIT: Final = 200

Node = Mapping[str, object]
Index = Mapping[str, Node]
NO_INDEX: Final[Index] = MappingProxyType({})

_PLACE_TYPES: Final = frozenset(
    {
        "Place", "LocalBusiness", "FoodEstablishment", "Restaurant", "BarOrPub", "Brewery", "Winery", "Distillery",
        "CafeOrCoffeeShop", "FastFoodRestaurant", "NightClub", "EntertainmentBusiness", "EventVenue", "BowlingAlley",
        "Casino", "ComedyClub", "MusicVenue", "Hotel", "LodgingBusiness", "SportsClub", "CivicStructure",
        "PerformingArtsTheater", "LandmarksOrHistoricalBuildings", "TouristAttraction",
    }
)  # fmt: skip


def types_of(node: Node) -> tuple[str, ...]:
    """The node's types without their vocabulary: "https://schema.org/BarOrPub" → "BarOrPub"."""
    return tuple(
        _last_part(name) for value in many(node.get("@type")) if isinstance(value, str) for name in value.split()
    )


def is_event(node: Node) -> bool:
    """Event, EventSeries and every type whose name ends in "Event"."""
    return any(name.endswith("Event") or name == "EventSeries" for name in types_of(node))


def is_place(node: Node) -> bool:
    """A place people can go to: a pub, a restaurant, any local business."""
    return any(name in _PLACE_TYPES for name in types_of(node))


def many(value: object) -> tuple[object, ...]:
    """A value as a tuple: of a list its first 200 members, of nothing none."""
    if isinstance(value, list | tuple):
        return tuple(value[:MANY_LIMIT])
    return () if value is None else (value,)


def nodes_in(value: object, index: Index = NO_INDEX) -> Iterator[Node]:
    """The objects among the values; one that is only a reference (`{"@id": …}`) is looked up, once."""
    for member in many(value):
        if isinstance(member, Mapping):
            reference = member.get("@id")
            yield index.get(reference, member) if len(member) == 1 and isinstance(reference, str) else member


def texts_in(value: object) -> Iterator[str]:
    """The texts among the values: strings, numbers, and what `@value`, `name` or `url` of an object say."""
    for member in many(value):
        candidates = (
            [member.get(key) for key in ("@value", "name", "url", "@id")] if isinstance(member, Mapping) else [member]
        )
        for candidate in candidates:
            text = text_of(next(iter(many(candidate)), None))
            if text is not None:
                yield text
                break


def first_text(node: Node, *names: str) -> str | None:
    """The first text that any of these properties has, in the order of the names."""
    return next((text for name in names for text in texts_in(node.get(name))), None)


def is_true(value: object) -> bool:
    """A boolean as sites write it: true, "True", "https://schema.org/True", "yes", 1."""
    words = ("true", "yes", "1")
    return any(
        member is True or (isinstance(member, str | int) and _last_part(str(member)).lower() in words)
        for member in many(value)
        if not isinstance(member, int) or abs(member) < 10
    )


def _last_part(name: str) -> str:
    stripped = name.strip().rstrip("/")
    return stripped[max(stripped.rfind(mark) for mark in "/#:") + 1 :]
