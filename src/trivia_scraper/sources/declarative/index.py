"""One page of an index: its items, what follows it, and whether it is empty by its own word (N9)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from trivia_scraper.domain.errors import PageShapeChanged
from trivia_scraper.domain.models import RejectedListing
from trivia_scraper.domain.pages import Page, PageRequest
from trivia_scraper.domain.source import IndexReading
from trivia_scraper.sources.declarative import requests
from trivia_scraper.sources.declarative.bodies import Body, check_anchor, nonce_in, read_body
from trivia_scraper.sources.declarative.calendars import next_page, read_pages
from trivia_scraper.sources.declarative.facts import text_in
from trivia_scraper.sources.declarative.items import ItemReader
from trivia_scraper.sources.declarative.listings import ReadItem
from trivia_scraper.sources.declarative.plan import SourcePlan
from trivia_scraper.sources.document import Document


@dataclass(frozen=True, slots=True)
class ReadPage:
    """What one index page gave, item by item. `rejected` are entries that a calendar's reader refused."""

    items: Sequence[ReadItem] = ()
    rejected: Sequence[RejectedListing] = ()
    follow: tuple[PageRequest, ...] = ()
    explicitly_empty: bool = False
    notes: Sequence[str] = ()

    def as_reading(self) -> IndexReading:
        """What the pipeline wants to know."""
        return IndexReading(
            tuple(item.listing for item in self.items if item.listing is not None),
            (*self.rejected, *(_rejected(item) for item in self.items if item.rejected)),
            self.follow,
            self.explicitly_empty,
        )


def read_index_page(plan: SourcePlan, page: Page) -> ReadPage:
    """Read one page of the walk. Raises PageShapeChanged for a page that is not what was described."""
    context = page.request.context
    if page.request.step == requests.NONCE:
        nonce = nonce_in(plan.index, page)
        return ReadPage(follow=(requests.index_request(plan.index, {**context, "nonce": nonce}),))
    if plan.index.is_calendar:
        return _read_calendar(plan, page)
    return _read_items(plan, page, read_body(plan.index, page))


def _read_items(plan: SourcePlan, page: Page, body: Body) -> ReadPage:
    context = page.request.context
    reader = ItemReader(
        plan, page.url, _index_url(plan, page), requests.day_of(context) if "today" in context else None
    )
    items = reader.read(body.items)
    first = _fingerprint(items)
    is_first_page = int(context.get("page", "1")) == 1
    if not is_first_page and first == context.get("first_item"):
        return ReadPage()
    # Behind the last page number there is nothing; a page that another one names has to hold something.
    if not items and not body.says_empty and (is_first_page or plan.index.next is not None):
        _refuse_nothing(plan, page)
    follow = requests.following(plan.index, page, items=len(body.items), first_item=first, next_url=body.next_url)
    # What an operator's own rules leave out was there all the same.
    nothing_for_us = bool(items) and all(item.skipped for item in items)
    return ReadPage(
        items, (), follow, explicitly_empty=body.says_empty or nothing_for_us or _is_empty_list(plan, items)
    )


def _refuse_nothing(plan: SourcePlan, page: Page) -> None:
    """HTML without a single item is a page that changed; a list that is there and empty is an answer."""
    if plan.index.reads_html:
        item = plan.index.table.item
        raise PageShapeChanged(f"nothing matches {item!r}", looked_for=f"index.item {item}", url=page.url)
    if plan.index.table.kind == "rss":
        raise PageShapeChanged("the feed has no items", looked_for="<item>", url=page.url)


def _is_empty_list(plan: SourcePlan, items: Sequence[ReadItem]) -> bool:
    """WordPress answers `[]` for a type without posts; from other services an empty list may be a fault (N9)."""
    return not items and plan.index.table.kind == "wp_rest"


def _read_calendar(plan: SourcePlan, page: Page) -> ReadPage:
    context = page.request.context
    says_empty = _says_empty(plan, page)
    check_anchor(plan.index, page, says_empty=says_empty)
    pages = requests.gathered(context, page)
    following = next_page(plan, page.text, page.url)
    if following is not None and len(pages) < requests.most_pages(plan.index.table):
        seen = {url for url, _ in pages} | {page.request.url}
        url = requests.calendar_page(plan.index.table, following)
        if url not in seen:
            return ReadPage(follow=(requests.further_calendar_page(plan.index, page, url, pages),))
    today = requests.day_of(context) if "today" in context else None
    calendar = read_pages(plan, pages, _index_url(plan, page), today)
    if calendar.is_blank and plan.index.table.events is not None and not says_empty:
        # A calendar may be empty; a page without its events may as well be an error page.
        told = "; ".join(("the page states no event", *calendar.notes[:1]))
        raise PageShapeChanged(told, looked_for=f"index.events {plan.index.table.events}", url=page.url)
    return ReadPage(
        calendar.items, calendar.rejected, explicitly_empty=calendar.is_empty, notes=tuple(calendar.notes)
    )


def _says_empty(plan: SourcePlan, page: Page) -> bool:
    """Whether a page of stated events has the sign that there are validly none."""
    empty = plan.index.empty
    return empty is not None and empty.holds(Document.parse(page.text, url=page.url))


def _index_url(plan: SourcePlan, page: Page) -> str:
    return page.request.context.get("index_url") or plan.index_url or page.url


def _fingerprint(items: Sequence[ReadItem]) -> str:
    """What tells a page that was sent once more: its first entry."""
    if not items:
        return ""
    return " ".join(text_in(items[0].facts, name) or "" for name in ("key", "url", "name", "address"))[:500]


def _rejected(item: ReadItem) -> RejectedListing:
    return RejectedListing(text_in(item.facts, "key"), text_in(item.facts, "name"), item.rejected)
