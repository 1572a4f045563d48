"""Microdata of a page (sources.md 11.3): items are read into the same nodes as JSON-LD, then by the same readers.

h-event and hCalendar classes are read as a courtesy where a page has no Event item.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Final

from trivia_scraper.sources.document import Document, Element
from trivia_scraper.sources.structured.facts import StructuredReading
from trivia_scraper.sources.structured.grouping import grouped
from trivia_scraper.sources.structured.moments import zone_named
from trivia_scraper.sources.structured.schema_event import EventReader
from trivia_scraper.sources.structured.schema_place import place_facts
from trivia_scraper.sources.structured.schema_values import MANY_LIMIT, Node, is_event, is_place

ITEM_LIMIT: Final = 500
# A property inside a property inside … : each level reads the same text once more.
CAPTURE_LIMIT: Final = 4
CLASSED_LIMIT: Final = 50

_ATTRIBUTE_OF: Final = {
    "a": "href", "area": "href", "link": "href",
    "img": "src", "source": "src", "iframe": "src", "embed": "src", "video": "src", "audio": "src",
    "object": "data", "data": "value", "meter": "value", "time": "datetime",
}  # fmt: skip
_CLASSED_EVENTS: Final = ".h-event:not(.h-event .h-event), .vevent:not(.vevent .vevent)"
_CLASSES: Final = {
    "name": ".p-name, .summary",
    "startDate": ".dt-start, .dtstart",
    "endDate": ".dt-end, .dtend",
    "url": "a.u-url, a.url",
    "image": "img.u-photo, img.photo",
    "description": ".e-content, .p-description, .description, .p-summary",
}
_PLACE_CLASSES: Final = {
    "name": ".p-name, .fn, .org",
    "latitude": ".p-latitude, .latitude",
    "longitude": ".p-longitude, .longitude",
}
_ADDRESS_CLASSES: Final = {
    "streetAddress": ".p-street-address, .street-address",
    "addressLocality": ".p-locality, .locality",
    "addressRegion": ".p-region, .region",
    "postalCode": ".p-postal-code, .postal-code",
    "addressCountry": ".p-country-name, .country-name",
}
_Values = dict[str, list[object]]


def read_microdata(
    document: Document,
    url: str,
    *,
    zone: str | None = None,
    local_clock: bool = False,
    today: dt.date | None = None,
) -> StructuredReading:
    """Every Event item of the page, else every h-event; parameters as for `jsonld.read_jsonld`."""
    reader = EventReader(url, zone_named(zone), local_clock)
    nodes = tuple(node for node in _items(document) if is_event(node)) or _classed(document)
    return StructuredReading(
        grouped((fact for node in nodes for fact in reader.read(node)), today=today, by_name=True)
    )


def read_microdata_places(document: Document, url: str) -> StructuredReading:
    """Every place item of the page that is not only the location of an event."""
    top = tuple(node for node in _items(document, top_level=True) if is_place(node))
    return StructuredReading(tuple(place_facts(node, url) for node in top))


def _items(document: Document, *, top_level: bool = False) -> tuple[Node, ...]:
    """The page's items with their properties, in page order. One walk over the page, iterative."""
    if document.select_one("[itemscope]") is None:
        return ()
    items: list[_Values] = []
    stack: list[tuple[Element, _Values | None, int]] = [(document, None, 0)]
    while stack:
        element, owner, captures = stack.pop()
        name = element.attribute("itemprop")
        if element.has("itemscope"):
            if len(items) == ITEM_LIMIT:
                break
            item: _Values = {"@type": list((element.attribute("itemtype") or "").split()[:MANY_LIMIT])}
            _put(owner, name, item)
            if owner is None or name is None or not top_level:
                items.append(item)
            owner = item
        elif name is not None and owner is not None and captures < CAPTURE_LIMIT:
            captures += _put(owner, name, _value(element))
        stack.extend((child, owner, captures) for child in reversed(element.children()))
    return tuple(items)


def _put(owner: _Values | None, names: str | None, value: object) -> bool:
    """Add a value under each name; whether there was an owner and a name for it."""
    for name in (names or "").split()[:MANY_LIMIT]:
        if owner is not None and not name.startswith("@"):
            owner.setdefault(name, []).append(value)
    return owner is not None and names is not None


def _value(element: Element) -> str | None:
    attribute = _ATTRIBUTE_OF.get(element.tag)
    if element.has("content"):
        return element.attribute("content")
    return (element.attribute(attribute) if attribute else None) or element.text() or None


def _classed(document: Document) -> tuple[Node, ...]:
    return tuple(_classed_event(element) for element in document.select(_CLASSED_EVENTS)[:CLASSED_LIMIT])


def _classed_event(element: Element) -> Node:
    location = element.select_one(".p-location, .location")
    place = dict(_classed_values(location, _PLACE_CLASSES)) if location is not None else {}
    address = dict(_classed_values(location, _ADDRESS_CLASSES)) if location is not None else {}
    text = location.text() if location is not None else None
    return {
        "@type": "Event",
        **dict(_classed_values(element, _CLASSES)),
        "location": {**place, "address": address} if place or address else text,
    }


def _classed_values(element: Element, classes: dict[str, str]) -> Iterator[tuple[str, str]]:
    for name, css in classes.items():
        found = element.select_one(css)
        value = _classed_value(found) if found is not None else None
        if value:
            yield name, value


def _classed_value(element: Element) -> str | None:
    """`datetime`, the title of an `abbr`, the title of a `.value-title` inside, the address, or the text."""
    titled = element.select_one(".value-title")
    title = titled if titled is not None else element if element.tag == "abbr" else None
    attribute = _ATTRIBUTE_OF.get(element.tag)
    return (
        element.attribute("datetime")
        or (title.attribute("title") if title is not None else None)
        or (element.attribute(attribute) if attribute else None)
        or element.text()
    )
