"""Facts: what is known of one entry, each text with where it came from. The one shape between pages and venues."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from trivia_scraper.domain.models import EventStatus
from trivia_scraper.sources.declarative.expressions import TEXT_LIMIT, Expression
from trivia_scraper.sources.declarative.patterns import Pattern
from trivia_scraper.sources.declarative.schema import DefaultsTable
from trivia_scraper.sources.reading import picture_address
from trivia_scraper.sources.structured.facts import StructuredFacts
from trivia_scraper.text.cleaning import clean_text
from trivia_scraper.text.web_addresses import resolved_address, without_query

DEFAULT: Final = "default"
STATUS: Final = "status"
EVENINGS: Final = "evenings"
ASKED: Final = "asked"

PAGES: Final = frozenset({"url", "website", "facebook", "instagram"})
PICTURES: Final = frozenset({"image", "host_image"})
_EVENING_WORDS: Final = (
    "day", "time", "schedule", "frequency", "fee", "date", "status", "title", "description", "host",
)  # fmt: skip
_DEFAULT_FIELDS: Final = (
    "name", "address", "street", "locality", "region", "postcode", "phone", "website", "image", "host", "fee",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Found:
    """A text and its origin: the expression, "jsonld", "microdata", "opengraph", "index …" or "default"."""

    value: str
    origin: str


Facts = Mapping[str, Found]


def texts_of(facts: Facts) -> dict[str, str]:
    """The texts alone."""
    return {name: found.value for name, found in facts.items()}


def text_in(facts: Facts, name: str) -> str | None:
    """One text, or None."""
    found = facts.get(name)
    return found.value if found is not None else None


def joined(first: Facts, *others: Facts) -> dict[str, Found]:
    """The first facts, with what they lack taken from the others in order; a position only whole."""
    known = dict(first)
    for other in others:
        has_position = "lat" in known and "lng" in known
        for name, found in other.items():
            if name in ("lat", "lng") and not has_position and "lat" in other and "lng" in other:
                known[name] = found
            else:
                known.setdefault(name, found)
    return known


def read_fields(
    expressions: Mapping[str, Expression],
    item: object,
    base: str,
    above: Facts,
    *,
    strip_query: Iterable[str] = (),
    known: Facts | None = None,
) -> dict[str, Found]:
    """The fields of one item; `above` are those of its heading, which the item's own replace.

    known  further facts that a constant's {fields} may name
    """
    facts = dict(above)
    texts = texts_of({**known, **above}) if known else texts_of(above)
    for name, expression in expressions.items():
        value = _harmless(expression.value(item, texts))
        value = _absolute(name, value, base) if value is not None else None
        if value is None:
            continue
        if name in strip_query:
            value = without_query(value)
        texts[name] = value
        facts[name] = Found(value, expression.shown)
    return facts


def without_dropped(facts: dict[str, Found], drop: Mapping[str, Pattern]) -> dict[str, Found]:
    """The facts without those that their drop pattern finds to be none."""
    if not drop:
        return facts
    return {name: found for name, found in facts.items() if name not in drop or not drop[name].found_in(found.value)}


def read_status(statuses: Mapping[EventStatus, Expression], item: object) -> Found | None:
    """The first status word whose sign is there."""
    for status, expression in statuses.items():
        if expression.holds(item):
            return Found(status.value, expression.shown)
    return None


def defaults_of(defaults: DefaultsTable) -> dict[str, Found]:
    """What `[defaults]` says, as facts; country, zone and currency have rules of their own (place)."""
    texts: dict[str, str | None] = {name: getattr(defaults, name) for name in _DEFAULT_FIELDS}
    if defaults.lat is not None and defaults.lng is not None:
        texts |= {"lat": str(defaults.lat), "lng": str(defaults.lng)}
    return {name: Found(text, DEFAULT) for name, text in texts.items() if text}


def venue_facts(stated: StructuredFacts, origin: str, *, is_place: bool = False) -> dict[str, Found]:
    """What structured data says of the place; a place's own name is the venue's."""
    texts = {
        "name": stated.name if is_place else stated.venue_name,
        "address": stated.address,
        "street": stated.street,
        "locality": stated.locality,
        "region": stated.region,
        "postcode": stated.postcode,
        "country": stated.country,
        "lat": None if stated.latitude is None else str(stated.latitude),
        "lng": None if stated.longitude is None else str(stated.longitude),
        "phone": stated.phone,
        "website": stated.website,
        "image": stated.image,
        "description": stated.description,
    }
    return {name: Found(text, origin) for name, text in texts.items() if text}


def evening_of(stated: StructuredFacts) -> dict[str, str]:
    """What structured data says of the evening, as texts: a series with its weekdays, else its one date."""
    texts = {
        "title": stated.name,
        "description": stated.description,
        "fee": stated.price,
        "status": stated.status.value if stated.status else None,
        "starts": stated.start_time.isoformat() if stated.start_time else None,
        "ends": stated.end_time.isoformat() if stated.end_time else None,
        "date": stated.next_date.isoformat() if stated.next_date else None,
    }
    if stated.repeats:
        texts["weekdays"] = ",".join(map(str, stated.weekdays))
        texts["cadence"] = stated.frequency.value if stated.frequency else None
        texts["ordinals"] = ",".join(map(str, stated.ordinals)) or None
    return {name: text for name, text in texts.items() if text}


def own_evening(facts: Facts) -> dict[str, str]:
    """The one evening that an item's own fields describe."""
    return {name: facts[name].value for name in _EVENING_WORDS if name in facts}


def evenings_in(facts: Facts) -> list[dict[str, str]]:
    """Every evening that the facts hold: those put there by `with_evenings`, else the item's own."""
    stored = text_in(facts, EVENINGS)
    if stored is None:
        return [own_evening(facts)]
    return [{str(name): str(text) for name, text in evening.items()} for evening in json.loads(stored)]


def with_evenings(facts: Facts, evenings: Iterable[Mapping[str, str]], origin: str) -> dict[str, Found]:
    """The facts with several evenings: equal ones once."""
    different = list({json.dumps(evening, sort_keys=True): dict(evening) for evening in evenings}.values())
    return {**facts, EVENINGS: Found(json.dumps(different, ensure_ascii=False), origin)}


def _harmless(text: str | None) -> str | None:
    """Without control characters and halves of characters; its lines stay lines."""
    if text is None or text.isprintable():
        return text
    return clean_text(text, TEXT_LIMIT).text or None


def _absolute(name: str, value: str, base: str) -> str | None:
    """Addresses are made absolute against the page; placeholders are no pictures (I1)."""
    if name in PICTURES:
        return picture_address(value, base)
    if name not in PAGES:
        return value
    return resolved_address(f"https://{value}" if value.startswith("www.") else value, base)
