"""schema.org Events: one node, from JSON-LD or microdata, into the facts it states (sources.md 11.3)."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, field, replace
from typing import Final
from zoneinfo import ZoneInfo

from trivia_scraper.domain.models import EventStatus
from trivia_scraper.sources.json_reading import text_of
from trivia_scraper.sources.structured.facts import StructuredFacts
from trivia_scraper.sources.structured.moments import Moment, dated, on_clock, read_moment
from trivia_scraper.sources.structured.plain import plain_address, plain_line, plain_text
from trivia_scraper.sources.structured.schema_place import picture_of, with_location
from trivia_scraper.sources.structured.schema_schedule import Evening, read_schedule, schedules_in
from trivia_scraper.sources.structured.schema_values import (
    NO_INDEX,
    Index,
    Node,
    first_text,
    is_true,
    many,
    nodes_in,
    texts_in,
)
from trivia_scraper.text.cleaning import NAME_LIMIT

_KEY_LIMIT: Final = 300
_PRICE_LIMIT: Final = 100
_BARE_AMOUNT: Final = re.compile(r"[0-9.,]+")
_OFF: Final = ("cancelled", "canceled", "postponed")


@dataclass(frozen=True, slots=True)
class EventReader:
    """How the events of one page are read.

    zone         the venue's zone, None = not known
    local_clock  this site writes "Z" behind local times (moments)
    """

    url: str
    zone: ZoneInfo | None = None
    local_clock: bool = False
    index: Index = field(default_factory=dict)

    def read(self, node: Node) -> tuple[StructuredFacts, ...]:
        """One entry for each Schedule of a series, else one with the event's own date."""
        moment = read_moment(first_text(node, "startDate"))
        starts, ends = self._at(moment), self._at(read_moment(first_text(node, "endDate")))
        facts = replace(
            self._stated(node), starts=starts, ends=ends, date_only=moment is not None and moment.time is None
        )
        evenings = self._evenings(node, facts)
        if evenings:
            return tuple(_with_evening(facts, evening, _is_off(node)) for evening in evenings)
        return (dated(replace(facts, status=EventStatus.CANCELLED_ONCE if _is_off(node) else None)),)

    def _stated(self, node: Node) -> StructuredFacts:
        facts = StructuredFacts(
            name=plain_line(first_text(node, "name", "headline"), 2 * NAME_LIMIT),
            url=plain_address(first_text(node, "url"), self.url),
            description=plain_text(first_text(node, "description")),
            image=picture_of(node, self.url, self.index),
            price=price_of(node, self.index),
            key=plain_line(first_text(node, "identifier", "@id"), _KEY_LIMIT),
        )
        return with_location(facts, node.get("location"), self.url, self.index)

    def _at(self, moment: Moment | None) -> dt.datetime | None:
        return None if moment is None else on_clock(moment, self.zone, local_clock=self.local_clock)

    def _evenings(self, node: Node, facts: StructuredFacts) -> tuple[Evening, ...]:
        timed = facts.starts if facts.starts and facts.starts.tzinfo is None and not facts.date_only else None
        readings = (read_schedule(each, timed, facts.ends) for each in schedules_in(node.get("eventSchedule")))
        return tuple(evening for evening in readings if evening is not None)


def price_of(node: Node, index: Index = NO_INDEX) -> str | None:
    """What it costs, for the fee reader: "2.00 GBP" of the first offer with a price, else "Free" where it says so."""
    for offer in nodes_in(node.get("offers"), index):
        amount = plain_line(first_text(offer, "price", "lowPrice"), _PRICE_LIMIT)
        if amount is not None:
            currency = plain_line(first_text(offer, "priceCurrency"), _PRICE_LIMIT)
            return f"{amount} {currency}" if currency and _BARE_AMOUNT.fullmatch(amount) else amount
    if is_true(node.get("isAccessibleForFree")):
        return "Free"
    return next(
        (price for member in many(node.get("price")) if (price := plain_line(text_of(member), _PRICE_LIMIT))), None
    )


def _with_evening(facts: StructuredFacts, evening: Evening, is_off: bool) -> StructuredFacts:
    # A series that is cancelled or put off is not over for good: that it is gone, only its absence says (E6).
    return replace(
        facts,
        weekdays=evening.weekdays,
        start_time=evening.start_time,
        end_time=evening.end_time,
        frequency=evening.frequency,
        ordinals=evening.ordinals,
        next_date=None,
        status=EventStatus.PAUSED if is_off else None,
    )


def _is_off(node: Node) -> bool:
    return any(word in text[:200].lower() for text in texts_in(node.get("eventStatus")) for word in _OFF)
