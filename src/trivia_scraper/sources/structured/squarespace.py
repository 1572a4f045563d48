"""A Squarespace collection as `?format=json` (sources.md 11.4 `squarespace`): one page of single dates.

Of `website` only the time zone is read: `socialAccounts` holds people's names.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import urlencode, urlsplit, urlunsplit
from zoneinfo import ZoneInfo

from trivia_scraper.domain.errors import PageShapeChanged
from trivia_scraper.sources.json_reading import member, read_json, text_of
from trivia_scraper.sources.reading import picture_address
from trivia_scraper.sources.structured.facts import StructuredFacts, StructuredReading
from trivia_scraper.sources.structured.feed_entries import NO_START, key_of, read_each
from trivia_scraper.sources.structured.moments import dated, in_zone, read_epoch, zone_named
from trivia_scraper.sources.structured.plain import plain_address, plain_line, plain_text
from trivia_scraper.sources.structured.schema_place import one_line
from trivia_scraper.sources.structured.schema_values import Node, nodes_in
from trivia_scraper.text.cleaning import NAME_LIMIT
from trivia_scraper.text.coordinates import Position, read_position

LOOKED_FOR: Final = "upcoming[] or items[] of a Squarespace collection"

_PART_LIMIT: Final = 200


def read_squarespace(text: str, default_zone: str | None, *, url: str) -> StructuredReading:
    """One page's coming entries, each a single date; an empty `upcoming` is a valid answer.

    Times are epoch numbers and go on the clock of `website.timeZone`, else of `default_zone`.
    Raises PageShapeChanged for a body with neither `upcoming` nor `items`: a page with a calendar block in it is
    no collection.
    """
    body = read_json(text, looked_for=LOOKED_FOR, url=url)
    entries = next((found for name in ("upcoming", "items") if isinstance(found := member(body, name), list)), None)
    if entries is None:
        raise PageShapeChanged("no list of events", looked_for=LOOKED_FOR, url=url)
    zone = zone_named(text_of(member(body, "website", "timeZone"))) or zone_named(default_zone)
    facts, rejected = read_each(entries, lambda entry: _read_entry(entry, zone, url))
    return StructuredReading(facts, rejected, next_url=_next_url(body, url))


def _read_entry(entry: Node, zone: ZoneInfo | None, url: str) -> StructuredFacts:
    """One entry's facts. Raises ValueError saying why it has none."""
    starts, ends = read_epoch(entry.get("startDate")), read_epoch(entry.get("endDate"))
    if starts is None:
        raise ValueError(NO_START)
    if zone is None:
        raise ValueError("a time in UTC, and no zone known")
    place = next(nodes_in(entry.get("location")), {})
    street, rest, country = (
        plain_line(place.get(name), _PART_LIMIT) for name in ("addressLine1", "addressLine2", "addressCountry")
    )
    position = _position(place)
    return dated(
        StructuredFacts(
            name=plain_line(entry.get("title"), 2 * NAME_LIMIT),
            venue_name=plain_line(place.get("addressTitle"), 2 * NAME_LIMIT),
            url=plain_address(entry.get("fullUrl"), url),
            address=one_line(street, rest, country),
            street=street,
            country=country,
            latitude=position.latitude if position else None,
            longitude=position.longitude if position else None,
            description=plain_text(entry.get("excerpt")) or plain_text(entry.get("body")),
            image=picture_address(plain_address(entry.get("assetUrl"), url), url),
            starts=in_zone(starts, zone),
            ends=in_zone(ends, zone) if ends else None,
            key=key_of(entry),
        )
    )


def _position(place: Node) -> Position | None:
    """Where the marker is, else the map: the vendor's default pin is neither (P5)."""
    pairs = (("markerLat", "markerLng"), ("mapLat", "mapLng"))
    positions = (read_position(place.get(latitude), place.get(longitude)) for latitude, longitude in pairs)
    return next((position for position in positions if position is not None), None)


def _next_url(body: object, url: str) -> str | None:
    address = plain_address(member(body, "pagination", "nextPageUrl"), url)
    if address is None:
        return None
    parts = urlsplit(address)
    if "format=json" in parts.query.split("&"):
        return address
    query = "&".join(filter(None, (parts.query, urlencode({"format": "json"}))))
    return urlunsplit((parts.scheme, parts.netloc, parts.path, query, ""))
