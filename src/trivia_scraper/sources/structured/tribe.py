"""The Events Calendar's REST answer (sources.md 11.4 `tribe`): one page of single dates."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from trivia_scraper.domain.errors import PageShapeChanged
from trivia_scraper.domain.models import EventStatus
from trivia_scraper.sources.json_reading import member, read_json
from trivia_scraper.sources.structured.facts import StructuredFacts, StructuredReading
from trivia_scraper.sources.structured.feed_entries import ALL_DAY, NO_START, key_of, read_each
from trivia_scraper.sources.structured.moments import dated, on_clock, read_moment
from trivia_scraper.sources.structured.plain import plain_address, plain_line, plain_text
from trivia_scraper.sources.structured.schema_place import one_line, picture_of
from trivia_scraper.sources.structured.schema_values import Node, first_text, is_true, nodes_in
from trivia_scraper.text.cleaning import NAME_LIMIT
from trivia_scraper.text.coordinates import read_position

LOOKED_FOR: Final = "events[] of The Events Calendar"

_PART_LIMIT: Final = 200
_OFF: Final = ("canceled", "cancelled", "postponed")


def read_tribe(text: str, *, url: str) -> StructuredReading:
    """One page's entries, each a single date; `next_url` from `next_rest_url`. An empty list is a valid answer.

    `start_date` is the venue's wall clock, whatever `timezone` says: "UTC+0" is a site nobody told where it is.
    Raises PageShapeChanged for a body without `events`.
    """
    body = read_json(text, looked_for=LOOKED_FOR, url=url)
    entries = member(body, "events")
    if not isinstance(entries, list):
        message = plain_line(member(body, "message"), _PART_LIMIT)
        raise PageShapeChanged(
            f"no list of events{f': {message}' if message else ''}", looked_for=LOOKED_FOR, url=url
        )
    facts, rejected = read_each(entries, lambda entry: _read_entry(entry, url))
    return StructuredReading(facts, rejected, next_url=plain_address(member(body, "next_rest_url"), url))


def _read_entry(entry: Node, url: str) -> StructuredFacts:
    """One entry's facts. Raises ValueError saying why it has none."""
    if is_true(entry.get("all_day")):
        raise ValueError(ALL_DAY)
    starts, ends = (read_moment(first_text(entry, name)) for name in ("start_date", "end_date"))
    if starts is None:
        raise ValueError(NO_START)
    if starts.time is None:
        raise ValueError(ALL_DAY)
    status = (first_text(entry, "event_status", "status") or "").lower()
    facts = StructuredFacts(
        name=plain_line(entry.get("title"), 2 * NAME_LIMIT),
        url=plain_address(entry.get("url"), url),
        description=plain_text(entry.get("description")) or plain_text(entry.get("excerpt")),
        image=picture_of(entry, url),
        price=plain_line(entry.get("cost"), _PART_LIMIT),
        status=EventStatus.CANCELLED_ONCE if status in _OFF else None,
        starts=on_clock(starts, None, local_clock=True),
        ends=on_clock(ends, None, local_clock=True) if ends else None,
        key=key_of(entry),
    )
    # A venue that is not set comes as an empty list.
    venue = next(nodes_in(entry.get("venue")), None)
    return dated(facts if venue is None else _with_venue(facts, venue, url))


def _with_venue(facts: StructuredFacts, venue: Node, url: str) -> StructuredFacts:
    street, locality, region, postcode, country = (
        plain_line(first_text(venue, *names), _PART_LIMIT)
        for names in (("address",), ("city",), ("state", "province", "stateprovince"), ("zip",), ("country",))
    )
    position = read_position(first_text(venue, "geo_lat"), first_text(venue, "geo_lng"))
    return replace(
        facts,
        venue_name=plain_line(venue.get("venue"), 2 * NAME_LIMIT),
        address=one_line(street, locality, region, postcode, country),
        street=street,
        locality=locality,
        region=region,
        postcode=postcode,
        country=country,
        latitude=position.latitude if position else None,
        longitude=position.longitude if position else None,
        phone=plain_line(venue.get("phone"), _PART_LIMIT),
        website=plain_address(first_text(venue, "website"), url),
    )
