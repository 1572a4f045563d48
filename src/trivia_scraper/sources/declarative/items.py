"""The items of an index page, one by one: read, skipped, rejected or listed (sources.md 11.2)."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from trivia_scraper.domain.models import Frequency
from trivia_scraper.sources.declarative.bodies import Item
from trivia_scraper.sources.declarative.evenings import EveningReader, is_opening_hours
from trivia_scraper.sources.declarative.facts import (
    ASKED,
    STATUS,
    Facts,
    Found,
    defaults_of,
    evenings_in,
    own_evening,
    read_fields,
    read_status,
    texts_of,
    with_evenings,
    without_dropped,
)
from trivia_scraper.sources.declarative.listings import (
    ReadItem,
    listing_of,
    missing_field,
    named,
    united,
)
from trivia_scraper.sources.declarative.plan import SourcePlan
from trivia_scraper.sources.declarative.schema import WEEKDAYS, DefaultsTable

_MATCHED: Final = ("name", "title", "description", "schedule", "day", "frequency", "status")
_SHARED_PICTURE: Final = 3


@dataclass(frozen=True, slots=True)
class ItemReader:
    """Reads the items of one page. `asked` is the day it was asked for."""

    plan: SourcePlan
    base: str
    index_url: str
    asked: dt.date | None

    def read(self, items: tuple[Item, ...]) -> list[ReadItem]:
        """Every item in page order; entries of one venue are united."""
        above, defaults = self._headings(items), defaults_of(self.plan.defaults)
        read = [self._read(item, above.get(id(item.heading), {})) for item in items]
        return united(self._listed(_without_shared_pictures(read), defaults), self.plan, self.index_url)

    def _headings(self, items: tuple[Item, ...]) -> dict[int, Facts]:
        """What each heading says, read once for all items under it."""
        if not self.plan.index.group:
            return {}
        headings = {id(item.heading): item.heading for item in items if item.heading is not None}
        return {
            number: read_fields(self.plan.index.group, heading, self.base, {}) for number, heading in headings.items()
        }

    def _read(self, item: Item, above: Facts) -> ReadItem:
        index = self.plan.index
        facts = read_fields(index.fields, item.source, self.base, above, strip_query=index.table.strip_query)
        skipped = self._skipped(item.source, facts)
        facts = without_dropped(facts, index.drop)
        if skipped:
            return ReadItem(facts, skipped=skipped)
        status = read_status(index.status, item.source)
        if status is not None:
            facts[STATUS] = status
        return ReadItem(named(self._with_weekdays(item.source, facts), self.plan))

    def _skipped(self, source: object, facts: Facts) -> str:
        index, texts = self.plan.index, texts_of(facts)
        refused = next((why for rule in index.skip if (why := rule.refuses(source, texts))), "")
        if refused or (index.keep is not None and (refused := index.keep.refuses(source))):
            return refused
        if index.wanted.match is None and index.wanted.skip_match is None:
            return ""
        return index.wanted.refuses(" ".join(texts[name] for name in _MATCHED if name in texts))

    def _with_weekdays(self, source: object, facts: dict[str, Found]) -> dict[str, Found]:
        """One evening for each weekday that has a text of its own; spans of opening hours are none (11.5)."""
        evenings = []
        for number, expression in self.plan.index.weekdays.items():
            text = expression.value(source, {})
            if text and not is_opening_hours(text):
                evenings.append({**own_evening(facts), "day": WEEKDAYS[number - 1], "time": text})
        return with_evenings(facts, evenings, "index.weekdays") if evenings else facts

    def _listed(self, items: list[ReadItem], defaults: Facts) -> Iterator[ReadItem]:
        for item in items:
            yield item if item.skipped else self._judged(item.facts, defaults)

    def _judged(self, facts: Facts, defaults: Facts) -> ReadItem:
        missing = missing_field(facts, defaults, self.plan)
        if missing:
            return ReadItem(facts, rejected=f"no {missing}")
        if self.asked is not None:
            facts = {**facts, ASKED: Found(self.asked.isoformat(), "the request")}
        rejected = self._schedule_lacks(facts)
        if rejected:
            return ReadItem(facts, rejected=rejected)
        return ReadItem(facts, listing_of(facts, self.plan, self.index_url))

    def _schedule_lacks(self, facts: Facts) -> str:
        """T7: half a schedule, where the description looks for a whole one and no page could complete it."""
        index = self.plan.index
        declared = {*index.fields, *index.group}
        whole = "schedule" in declared or ("time" in declared and declared & {"day", "date"}) or index.weekdays
        if self.plan.detail is not None or not whole:
            return ""
        reader = evening_reader(self.plan.defaults, self.plan.accept_language, texts_of(facts))
        lacks = [reader.lacks(evening) for evening in evenings_in(facts)]
        return f"schedule without {lacks[0]}" if lacks and all(lacks) else ""


def evening_reader(defaults: DefaultsTable, language: str, stated: Mapping[str, str]) -> EveningReader:
    """How the evenings of this source are read; `stated` may hold the day that the page was asked for."""
    asked = stated.get(ASKED)
    return EveningReader(
        clock_24h=defaults.clock_24h or language.lower().startswith("pl"),
        default=Frequency(defaults.frequency) if defaults.frequency else None,
        asked=dt.date.fromisoformat(asked) if asked else None,
    )


def _without_shared_pictures(items: list[ReadItem]) -> list[ReadItem]:
    """I1: one picture on most of the cards is the provider's logo, and no picture of a venue."""
    pictures = Counter(item.facts["image"].value for item in items if "image" in item.facts)
    total = sum(pictures.values())
    shared = {url for url, count in pictures.items() if count >= _SHARED_PICTURE and 2 * count > total}
    if not shared:
        return items
    return [
        replace(item, facts={name: found for name, found in item.facts.items() if name != "image"})
        if "image" in item.facts and item.facts["image"].value in shared
        else item
        for item in items
    ]
