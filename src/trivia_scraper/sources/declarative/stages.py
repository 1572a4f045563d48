"""The detail stage: own selectors, the index, JSON-LD, microdata, OpenGraph, defaults (sources.md 11.3).

Each fills only what is still empty; each of the three fallbacks can be left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from trivia_scraper.domain.models import Listing
from trivia_scraper.domain.pages import Page
from trivia_scraper.sources.declarative.facts import (
    EVENINGS,
    STATUS,
    Found,
    defaults_of,
    evening_of,
    joined,
    read_fields,
    read_status,
    venue_facts,
    without_dropped,
)
from trivia_scraper.sources.declarative.listings import facts_of, named
from trivia_scraper.sources.declarative.place import probable_zone
from trivia_scraper.sources.declarative.plan import DetailPlan, SourcePlan
from trivia_scraper.sources.declarative.schema import Fallback
from trivia_scraper.sources.document import Document
from trivia_scraper.sources.structured.facts import StructuredFacts, StructuredReading
from trivia_scraper.sources.structured.jsonld import read_jsonld, read_jsonld_places
from trivia_scraper.sources.structured.microdata import read_microdata, read_microdata_places
from trivia_scraper.sources.structured.opengraph import read_opengraph

_OWN_SCHEDULE: Final = ("schedule", "day", "time")
# A frame that is never closed swallows the rest of the page, in browsers as in parsers.
_FRAME: Final = re.compile(r"<iframe\b[^<>]*>(?![^<]*</iframe)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Gathered:
    """What is known of one venue.

    evenings  those that structured data on the page states, not yet joined with the texts
    notes     what was passed over on the way, for people
    """

    facts: Mapping[str, Found]
    evenings: tuple[dict[str, str], ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(slots=True)
class _Structured:
    """What the fallbacks of one page gave so far."""

    facts: dict[str, Found] = field(default_factory=dict)
    evenings: list[dict[str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def gather(plan: SourcePlan, listing: Listing, page: Page | None) -> Gathered:
    """Every fact of one venue. Raises PageShapeChanged for markup that cannot be parsed."""
    index_facts = facts_of(listing)
    defaults = defaults_of(plan.defaults)
    if plan.detail is None or page is None:
        return Gathered(joined(index_facts, defaults))
    markup = _FRAME.sub(lambda frame: frame.group() + "</iframe>", page.text)
    document = Document.parse(markup, url=page.url, guarded=page.guarded)
    facts = _own(plan, plan.detail, document, page.url, index_facts)
    zone = probable_zone(facts, plan.defaults)
    structured = _Structured()
    for fallback in plan.detail.table.fallbacks:
        _fall_back(fallback, plan, plan.detail, document, page.url, zone, structured)
    return Gathered(joined(facts, structured.facts, defaults), tuple(structured.evenings), tuple(structured.notes))


def _own(
    plan: SourcePlan, detail: DetailPlan, document: Document, url: str, index_facts: dict[str, Found]
) -> dict[str, Found]:
    """The page's own selectors over what the index said."""
    own = without_dropped(read_fields(detail.fields, document, url, {}, known=index_facts), detail.drop)
    status = read_status(detail.status, document)
    if status is not None:
        own[STATUS] = status
    facts = joined(named(own, plan), index_facts)
    if any(name in own for name in _OWN_SCHEDULE):
        facts.pop(EVENINGS, None)
    return facts


def _fall_back(
    fallback: Fallback,
    plan: SourcePlan,
    detail: DetailPlan,
    document: Document,
    url: str,
    zone: str | None,
    structured: _Structured,
) -> None:
    if fallback == "opengraph":
        for stated in read_opengraph(document, url).facts:
            structured.facts = joined(structured.facts, venue_facts(stated, fallback, is_place=True))
        return
    if fallback == "jsonld":
        events = read_jsonld(document, url, zone=zone, local_clock=plan.defaults.local_clock)
        places = read_jsonld_places(document, url)
    else:
        events = read_microdata(document, url, zone=zone, local_clock=plan.defaults.local_clock)
        places = read_microdata_places(document, url)
    _take(fallback, detail, events, places, structured)


def _take(
    origin: str, detail: DetailPlan, events: StructuredReading, places: StructuredReading, structured: _Structured
) -> None:
    structured.notes += dict.fromkeys((*events.notes, *places.notes))
    ours: list[StructuredFacts] = []
    for event in events.facts:
        refused = detail.wanted.refuses(event.name or "")
        if refused:
            structured.notes.append(f"{origin} event {event.name!r} {refused}")
        else:
            ours.append(event)
    venue = [venue_facts(event, origin) for event in ours]
    structured.facts = joined(
        structured.facts, *venue, *(venue_facts(place, origin, is_place=True) for place in places.facts)
    )
    if not structured.evenings:
        structured.evenings += _evenings(ours)


def _evenings(events: Iterable[StructuredFacts]) -> list[dict[str, str]]:
    """Series; where there is none, single dates."""
    timed = [event for event in events if event.start_time is not None and not event.date_only]
    series = [event for event in timed if event.repeats]
    return [evening_of(event) for event in series or timed]
