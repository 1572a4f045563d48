"""Calendars as indexes: one venue is one listing with all its evenings (sources.md 11.4 ics, tribe, squarespace).

Events in a page's own JSON-LD or microdata (`events`) are read the same way.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from trivia_scraper.domain.models import RejectedListing
from trivia_scraper.sources.declarative.facts import (
    ASKED,
    Facts,
    Found,
    defaults_of,
    evening_of,
    evenings_in,
    joined,
    own_evening,
    read_fields,
    text_in,
    texts_of,
    venue_facts,
    with_evenings,
    without_dropped,
)
from trivia_scraper.sources.declarative.kinds import EVENT_PARTS
from trivia_scraper.sources.declarative.listings import ReadItem, listing_of, missing_field, place_key, slug_of
from trivia_scraper.sources.declarative.place import probable_zone
from trivia_scraper.sources.declarative.plan import SourcePlan
from trivia_scraper.sources.document import Document
from trivia_scraper.sources.structured.calendar import read_calendar
from trivia_scraper.sources.structured.facts import StructuredFacts, StructuredReading
from trivia_scraper.sources.structured.grouping import grouped
from trivia_scraper.sources.structured.jsonld import read_jsonld
from trivia_scraper.sources.structured.microdata import read_microdata
from trivia_scraper.sources.structured.squarespace import read_squarespace
from trivia_scraper.sources.structured.tribe import read_tribe


@dataclass(slots=True)
class Calendar:
    """What the pages of one calendar gave.

    is_empty  there was not one entry of ours
    is_blank  there was not one entry of anybody's
    """

    items: list[ReadItem] = field(default_factory=list)
    rejected: list[RejectedListing] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    is_empty: bool = False
    is_blank: bool = False


def next_page(plan: SourcePlan, text: str, url: str) -> str | None:
    """The address of the calendar's next page. Raises PageShapeChanged for a page that is no calendar."""
    if plan.index.table.kind in ("tribe", "squarespace"):
        return _read_page(plan, text, url, None, lambda _name: True).next_url
    return None


def read_pages(plan: SourcePlan, pages: Iterable[tuple[str, str]], index_url: str, today: dt.date | None) -> Calendar:
    """All pages of a calendar, address and text of each. Raises PageShapeChanged for what is no calendar."""
    reading = _CalendarReading(plan, index_url, today)
    for url, text in pages:
        reading.add(text, url)
    return reading.finished()


class _CalendarReading:
    """One reading of one calendar, over all its pages."""

    def __init__(self, plan: SourcePlan, index_url: str, today: dt.date | None) -> None:
        self._plan = plan
        self._index_url = index_url
        self._today = today
        self._entries: list[StructuredFacts] = []
        self._calendar = Calendar()
        self._refused: dict[str, str] = {}

    def add(self, text: str, url: str) -> None:
        read = _read_page(self._plan, text, url, self._today, self._is_wanted)
        self._entries += [entry for entry in read.facts if self._is_wanted(entry.name or "")]
        self._calendar.rejected += [one for one in read.rejected if self._is_wanted(one.name or "")]
        self._calendar.notes += read.notes

    def finished(self) -> Calendar:
        calendar = self._calendar
        calendar.is_empty = not (self._entries or calendar.rejected)
        calendar.is_blank = calendar.is_empty and not self._refused
        entries = grouped(self._entries, today=self._today)
        calendar.items += [
            ReadItem({"name": Found(name, self._origin)}, skipped=why) for name, why in self._refused.items()
        ]
        anonymous = all(entry.venue_name is None for entry in entries)
        venues: dict[str, list[ReadItem]] = {}
        for entry in entries:
            item = self._item(entry, anonymous=anonymous)
            if item.rejected or item.skipped:
                calendar.items.append(item)
            else:
                venues.setdefault(text_in(item.facts, "key") or "", []).append(item)
        calendar.items += [self._venue(items) for items in venues.values()]
        return calendar

    @property
    def _origin(self) -> str:
        return self._plan.index.table.events or self._plan.index.table.kind

    def _is_wanted(self, name: str) -> bool:
        refused = self._plan.index.wanted.refuses(name)
        if refused:
            self._refused.setdefault(name, refused)
        return not refused

    def _item(self, entry: StructuredFacts, *, anonymous: bool) -> ReadItem:
        index = self._plan.index
        record = _record(entry)
        own = read_fields(index.fields, record, self._index_url, {}, strip_query=index.table.strip_query)
        facts = without_dropped(joined(own, venue_facts(entry, self._origin)), index.drop)
        refused = _refused(self._plan, record, own) or self._is_over(entry)
        if refused:
            return ReadItem({**facts, "title": Found(entry.name or "", self._origin)}, skipped=refused)
        facts = self._with_name_and_key(facts, anonymous=anonymous)
        if entry.start_time is None or entry.date_only:
            return ReadItem(facts, rejected="schedule without time")
        missing = missing_field(facts, defaults_of(self._plan.defaults), self._plan)
        if missing:
            return ReadItem(facts, rejected=f"no {missing}")
        return ReadItem(with_evenings(facts, [{**evening_of(entry), **own_evening(own)}], self._origin))

    def _is_over(self, entry: StructuredFacts) -> str:
        """A single date that has passed is no evening to come."""
        if entry.repeats or entry.starts is None or self._today is None or entry.starts.date() >= self._today:
            return ""
        return f"was on {entry.starts.date()}"

    def _with_name_and_key(self, facts: dict[str, Found], *, anonymous: bool) -> dict[str, Found]:
        """A calendar that names no place at all is that of the bar it is named for."""
        defaults = self._plan.defaults
        if "name" not in facts and (defaults.name or anonymous):
            facts["name"] = Found(defaults.name or self._plan.name, "default" if defaults.name else "source.name")
        if "key" not in facts and "name" in facts:
            one_place = _has_constant_name(self._plan)
            key = slug_of(facts["name"].value) if one_place else place_key(facts)
            facts["key"] = Found(key or place_key(facts), "name" if one_place else "name and address")
        return facts

    def _venue(self, items: list[ReadItem]) -> ReadItem:
        """The entries of one venue as one listing."""
        evenings = [evening for item in items for evening in evenings_in(item.facts)]
        first, *others = (item.facts for item in items)
        facts = with_evenings(joined(first, *others), evenings, self._origin)
        if self._plan.detail is None and "url" not in self._plan.index.fields:
            # An event's page goes with its date; the calendar stays.
            facts.pop("url", None)
        if self._today is not None:
            facts[ASKED] = Found(self._today.isoformat(), "the request")
        return ReadItem(facts, listing_of(facts, self._plan, self._index_url))


def _read_page(
    plan: SourcePlan, text: str, url: str, today: dt.date | None, wanted: Callable[[str], bool]
) -> StructuredReading:
    defaults, table = plan.defaults, plan.index.table
    zone = probable_zone(defaults_of(defaults), defaults)
    match table.kind:
        case "ics":
            return read_calendar(text, zone, today=today, url=url, wanted=wanted)
        case "tribe":
            return read_tribe(text, url=url)
        case "squarespace":
            return read_squarespace(text, zone, url=url)
        case _:
            read = read_jsonld if table.events == "jsonld" else read_microdata
            return read(Document.parse(text, url=url), url, zone=zone, local_clock=defaults.local_clock)


def _refused(plan: SourcePlan, record: Mapping[str, str | None], own: Facts) -> str:
    rules = plan.index.skip
    refused = next((why for rule in rules if (why := rule.refuses(record, texts_of(own)))), "")
    if refused or plan.index.keep is None:
        return refused
    return plan.index.keep.refuses(record)


def _record(entry: StructuredFacts) -> dict[str, str | None]:
    """An entry under the names its feed has for its parts, for field expressions."""
    place = ", ".join(part for part in (entry.venue_name, entry.address) if part) or None
    parts = {
        "name": entry.name,
        "description": entry.description,
        "place": place,
        "url": entry.url,
        "key": entry.key,
        "image": entry.image,
        "price": entry.price,
        "venue": entry.venue_name,
        "address": entry.address,
    }
    return {name: parts[part] for name, part in EVENT_PARTS.items()}


def _has_constant_name(plan: SourcePlan) -> bool:
    """Whether every entry is at one place, because the description says its name."""
    name = plan.index.fields.get("name")
    return name is not None and all(lookup.const is not None and not name.needs for lookup in name.lookups)
