"""JSON-LD of a page: its events and its places (sources.md 11.3).

A block that cannot be repaired is passed over and noted; the others are used. What is nowhere near an Event is
found to be none, quietly.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Final

from trivia_scraper.sources.document import Document
from trivia_scraper.sources.structured.facts import StructuredReading
from trivia_scraper.sources.structured.grouping import grouped
from trivia_scraper.sources.structured.lenient_json import parse_lenient_json
from trivia_scraper.sources.structured.moments import zone_named
from trivia_scraper.sources.structured.schema_event import EventReader
from trivia_scraper.sources.structured.schema_place import place_facts
from trivia_scraper.sources.structured.schema_schedule import schedules_in
from trivia_scraper.sources.structured.schema_values import MANY_LIMIT, Node, is_event, is_place, many

BLOCK_LIMIT: Final = 100
NODE_LIMIT: Final = 5_000

_TYPE: Final = "application/ld+json"
# Where events and places are looked for. Not under "superEvent" or "organizer": those are other things' facts.
_CONTAINERS: Final = ("@graph", "mainEntity", "event", "events", "itemListElement", "item", "hasPart", "about")
# Short ones only: a long description would be read again for each of thousands of dates.
_INHERITED: Final = ("name", "location", "offers", "isAccessibleForFree")


def read_jsonld(
    document: Document,
    url: str,
    *,
    zone: str | None = None,
    local_clock: bool = False,
    today: dt.date | None = None,
) -> StructuredReading:
    """Every event of the page's JSON-LD; dates of one name, place and time that repeat become a series.

    zone         IANA zone of the venue, where it is known: times with an offset are put on its clock
    local_clock  the site writes "Z" behind local times (moments)
    today        for next dates; dates long past are then no evidence any more
    """
    nodes, notes = _nodes(_blocks(document))
    reader = EventReader(url, zone_named(zone), local_clock, _by_id(nodes))
    facts = (fact for node in nodes if is_event(node) for fact in reader.read(node))
    return StructuredReading(grouped(facts, today=today, by_name=True), notes=notes)


def read_jsonld_places(document: Document, url: str) -> StructuredReading:
    """Every place of the page's JSON-LD in its own right: bars, restaurants, local businesses."""
    nodes, notes = _nodes(_blocks(document))
    index = _by_id(nodes)
    return StructuredReading(tuple(place_facts(node, url, index) for node in nodes if is_place(node)), notes=notes)


def _blocks(document: Document) -> tuple[str, ...]:
    scripts = (script for script in document.select("script[type]"))
    return tuple(
        script.script_text() for script in scripts if (script.attribute("type") or "").lower().startswith(_TYPE)
    )[:BLOCK_LIMIT]


def _nodes(blocks: tuple[str, ...]) -> tuple[tuple[Node, ...], tuple[str, ...]]:
    nodes: list[Node] = []
    notes: list[str] = []
    for number, block in enumerate(blocks, start=1):
        if not block.strip():
            continue
        try:
            nodes.extend(_walk(parse_lenient_json(block), NODE_LIMIT - len(nodes)))
        except ValueError as error:
            notes.append(f"JSON-LD block {number} skipped: {str(error)[:200]}")
    return tuple(nodes), tuple(notes)


def _walk(root: object, room: int) -> Iterator[Node]:
    """Every object that may be an event or a place, in page order; iterative, depth is the page's choice."""
    stack = [root]
    while stack and room > 0:
        value = stack.pop()
        if isinstance(value, list):
            stack.extend(reversed(value))
        elif isinstance(value, Mapping):
            yield value
            room -= 1
            stack.extend(reversed(_inner(value)))


def _inner(node: Node) -> list[object]:
    inner = [node[name] for name in _CONTAINERS if isinstance(node.get(name), dict | list)]
    if not schedules_in(node.get("eventSchedule")):
        inherited = {name: node[name] for name in _INHERITED if name in node}
        inner.extend({**inherited, **child} for child in _children(node))
    return inner


def _children(node: Node) -> list[Mapping[str, object]]:
    listed = [child for name in ("subEvent", "subEvents") for child in many(node.get(name))]
    return [child for child in listed[:MANY_LIMIT] if isinstance(child, Mapping)]


def _by_id(nodes: tuple[Node, ...]) -> dict[str, Node]:
    return {name: node for node in reversed(nodes) if len(node) > 1 and isinstance(name := node.get("@id"), str)}
