"""What a description finds on a page, field by field: for `sources test`. Pure, and never an exception."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from trivia_scraper.domain.errors import PageShapeChanged
from trivia_scraper.domain.models import Detail, Listing
from trivia_scraper.domain.pages import Page, PageRequest
from trivia_scraper.sources.declarative.detail import detail_of
from trivia_scraper.sources.declarative.facts import ASKED, EVENINGS, Facts, evenings_in
from trivia_scraper.sources.declarative.index import read_index_page
from trivia_scraper.sources.declarative.listings import ReadItem
from trivia_scraper.sources.declarative.plan import SourcePlan
from trivia_scraper.sources.declarative.schema import FIELDS
from trivia_scraper.sources.declarative.source import DeclaredSource
from trivia_scraper.sources.declarative.stages import gather
from trivia_scraper.text.cleaning import clean_text

VALUE_LIMIT: Final = 1_000

Outcome = Literal["listed", "rejected", "skipped"]


@dataclass(frozen=True, slots=True)
class FieldTrial:
    """One field. `value` None and `origin` "" = declared or required, and not found.

    origin  the expression, "index", "jsonld", "microdata", "opengraph", "default", or the calendar's kind
    """

    name: str
    value: str | None
    origin: str


@dataclass(frozen=True, slots=True)
class ItemTrial:
    """One entry of an index page.

    evenings  day, time and the like of each evening, where an entry has several or its kind states them so
    reason    why it was rejected or skipped, else ""
    """

    outcome: Outcome
    reason: str
    fields: tuple[FieldTrial, ...]
    evenings: tuple[dict[str, str], ...] = ()
    listing: Listing | None = None


@dataclass(frozen=True, slots=True)
class IndexTrial:
    """One index page. `problem` says why it could not be read at all, else ""."""

    items: tuple[ItemTrial, ...] = ()
    follow: tuple[PageRequest, ...] = ()
    explicitly_empty: bool = False
    notes: tuple[str, ...] = ()
    problem: str = ""

    def count(self, outcome: Outcome) -> int:
        """How many entries ended so."""
        return sum(item.outcome == outcome for item in self.items)

    @property
    def listings(self) -> tuple[Listing, ...]:
        """What a run would plan visits to."""
        return tuple(item.listing for item in self.items if item.listing is not None)


@dataclass(frozen=True, slots=True)
class DetailTrial:
    """One venue: its fields, and what would be stored, or why nothing would be (`problem`)."""

    fields: tuple[FieldTrial, ...] = ()
    detail: Detail | None = None
    notes: tuple[str, ...] = ()
    problem: str = ""


def try_index(source: DeclaredSource, page: Page) -> IndexTrial:
    """Read one index page as a run would, and tell everything."""
    try:
        read = read_index_page(source.plan, page)
    except PageShapeChanged as error:
        return IndexTrial(problem=_told(error))
    refused = [ItemTrial("rejected", one.reason, _fields_of_refused(one.key, one.name)) for one in read.rejected]
    return IndexTrial(
        (*(_item(source.plan, item) for item in read.items), *refused),
        read.follow,
        read.explicitly_empty,
        tuple(read.notes),
    )


def try_detail(source: DeclaredSource, listing: Listing | None, page: Page | None) -> DetailTrial:
    """Read one venue's page as a run would; without a listing only the page itself speaks."""
    listing = listing or Listing(source.slug, "trial", page.url if page else source.home, "", stated={})
    url = page.url if page else listing.url
    try:
        gathered = gather(source.plan, listing, page)
    except PageShapeChanged as error:
        return DetailTrial(problem=_told(error))
    fields = _fields(gathered.facts, _declared(source.plan))
    try:
        detail = detail_of(source.plan, listing, gathered, url)
    except PageShapeChanged as error:
        return DetailTrial(fields, None, gathered.notes, _told(error))
    return DetailTrial(fields, detail, gathered.notes)


def _item(plan: SourcePlan, item: ReadItem) -> ItemTrial:
    declared = [*plan.index.fields, *plan.index.group, *(plan.index.table.require or ("name",))]
    evenings = tuple(evenings_in(item.facts)) if EVENINGS in item.facts else ()
    outcome: Outcome = "skipped" if item.skipped else "rejected" if item.rejected else "listed"
    return ItemTrial(outcome, item.skipped or item.rejected, _fields(item.facts, declared), evenings, item.listing)


def _declared(plan: SourcePlan) -> Sequence[str]:
    if plan.detail is None:
        return [*plan.index.fields, "name", "address"]
    return [*plan.detail.fields, *plan.index.fields, *plan.detail.table.require, "name", "address"]


def _fields(facts: Facts, declared: Iterable[str]) -> tuple[FieldTrial, ...]:
    """Found and looked-for fields in the order of the vocabulary."""
    wanted = {*declared, *facts} - {EVENINGS, ASKED}
    return tuple(
        FieldTrial(name, clean_text(facts[name].value, VALUE_LIMIT).text, facts[name].origin)
        if name in facts
        else FieldTrial(name, None, "")
        for name in FIELDS
        if name in wanted
    )


def _fields_of_refused(key: str | None, name: str | None) -> tuple[FieldTrial, ...]:
    return tuple(FieldTrial(field, value, "") for field, value in (("key", key), ("name", name)))


def _told(error: PageShapeChanged) -> str:
    return f"{error.message} (looked for: {error.looked_for})"
