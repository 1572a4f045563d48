"""schema.org places: where an Event is held, or the bar whose page this is (sources.md 11.3)."""

from __future__ import annotations

from dataclasses import replace
from typing import Final
from urllib.parse import urlsplit

from trivia_scraper.sources.reading import picture_address
from trivia_scraper.sources.structured.facts import StructuredFacts
from trivia_scraper.sources.structured.plain import name_and_address, plain_address, plain_line, plain_text
from trivia_scraper.sources.structured.schema_values import (
    NO_INDEX,
    Index,
    Node,
    first_text,
    many,
    nodes_in,
    types_of,
)
from trivia_scraper.text.cleaning import ADDRESS_LIMIT, NAME_LIMIT
from trivia_scraper.text.coordinates import Position, read_position

_PART_LIMIT: Final = 200


def with_location(facts: StructuredFacts, value: object, url: str, index: Index = NO_INDEX) -> StructuredFacts:
    """The facts with what `location` says: an object, a list of them, or a string. Virtual ones are no places."""
    for place in nodes_in(value, index):
        if "VirtualLocation" not in types_of(place):
            return _with_place(facts, place, url, index)
    text = next((text for member in many(value) if (text := plain_text(member, ADDRESS_LIMIT))), None)
    name, address = name_and_address(text)
    return replace(facts, venue_name=name, address=address)


def place_facts(node: Node, url: str, index: Index = NO_INDEX) -> StructuredFacts:
    """A place in its own right: `name` and `venue_name` are both the place's."""
    facts = _with_place(StructuredFacts(), node, url, index)
    return replace(
        facts,
        name=facts.venue_name,
        url=plain_address(first_text(node, "url"), url),
        description=plain_text(first_text(node, "description")),
        image=picture_of(node, url, index),
    )


def one_line(*parts: str | None) -> str | None:
    """The parts of an address in one line; what a former part has in it already is not said twice."""
    said = ""
    for part in parts:
        if part and part.casefold() not in said.casefold():
            said = f"{said}, {part}" if said else part
    return plain_line(said)


def picture_of(node: Node, url: str, index: Index = NO_INDEX) -> str | None:
    """The first usable picture: a string, a list, an ImageObject; root-relative addresses are made absolute."""
    for value in (node.get("image"), node.get("photo")):
        for member in many(value):
            owner = next(nodes_in(member, index), None)
            source = first_text(owner, "url", "contentUrl", "@id") if owner is not None else member
            address = picture_address(plain_address(source, url), url)
            if address is not None:
                return address
    return None


def _with_place(facts: StructuredFacts, place: Node, url: str, index: Index) -> StructuredFacts:
    lines = (plain_text(first_text(place, "name"), ADDRESS_LIMIT) or "").split("\n")
    facts = replace(facts, venue_name=plain_line(lines[0], 2 * NAME_LIMIT))
    facts = _with_address(facts, place.get("address"), index)
    if facts.address is None:
        # Calendars put the street under the name, into the same property.
        facts = replace(facts, address=plain_line(", ".join(line for line in lines[1:] if line)))
    position = _position(place, index)
    return replace(
        facts,
        latitude=position.latitude if position else None,
        longitude=position.longitude if position else None,
        phone=plain_line(first_text(place, "telephone", "phone"), _PART_LIMIT),
        website=_website(place, url),
    )


def _with_address(facts: StructuredFacts, value: object, index: Index) -> StructuredFacts:
    for node in nodes_in(value, index):
        parts = _address_parts(node, index)
        line = one_line(*parts)
        if line is not None:
            street, locality, region, postcode, country = parts
            return replace(
                facts,
                address=line,
                street=street,
                locality=locality,
                region=region,
                postcode=postcode,
                country=country,
            )
    text = next((text for member in many(value) if (text := plain_text(member, ADDRESS_LIMIT))), None)
    return facts if text is None else replace(facts, address=plain_line(text.replace("\n", ", ")))


def _address_parts(node: Node, index: Index) -> tuple[str | None, ...]:
    street = ", ".join(text for member in many(node.get("streetAddress")) if (text := plain_line(member)))
    country = next((first_text(place, "name") for place in nodes_in(node.get("addressCountry"), index)), None)
    return (
        street or None,
        plain_line(first_text(node, "addressLocality"), _PART_LIMIT),
        plain_line(first_text(node, "addressRegion"), _PART_LIMIT),
        plain_line(first_text(node, "postalCode"), _PART_LIMIT),
        plain_line(country or first_text(node, "addressCountry"), _PART_LIMIT),
    )


def _position(place: Node, index: Index) -> Position | None:
    for node in (*nodes_in(place.get("geo"), index), place):
        position = read_position(first_text(node, "latitude"), first_text(node, "longitude"))
        if position is not None:
            return position
    return None


def _website(place: Node, url: str) -> str | None:
    """The place's own site. An address on the page's own host is a page about it, not its site."""
    for name in ("url", "sameAs"):
        address = plain_address(first_text(place, name), url)
        if address is not None and urlsplit(address).hostname != urlsplit(url).hostname:
            return address
    return None
