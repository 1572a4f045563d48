"""`DeclaredSource`: a description at work behind the interface of every source. Pure: no I/O, no clock, no state."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from trivia_scraper.domain.models import Detail, Listing
from trivia_scraper.domain.pages import Page, PageRequest
from trivia_scraper.domain.source import IndexReading
from trivia_scraper.sources.declarative import requests
from trivia_scraper.sources.declarative.detail import detail_of
from trivia_scraper.sources.declarative.index import read_index_page
from trivia_scraper.sources.declarative.listings import together
from trivia_scraper.sources.declarative.plan import SourcePlan
from trivia_scraper.sources.declarative.stages import gather
from trivia_scraper.sources.reading import required_page


@dataclass(frozen=True, slots=True)
class DeclaredSource:
    """A provider described in a file (`domain.source.Source`)."""

    plan: SourcePlan

    @property
    def slug(self) -> str:
        """`source.key`."""
        return self.plan.key

    @property
    def name(self) -> str:
        """`source.name`."""
        return self.plan.name

    @property
    def home(self) -> str:
        """`source.home`, else the site of the index."""
        return self.plan.home

    @property
    def path(self) -> str:
        """The file it is described in."""
        return self.plan.path

    @property
    def enabled(self) -> bool:
        """`source.enabled`."""
        return self.plan.enabled

    @property
    def default_index_url(self) -> str:
        """The index before days, pages and parameters are added."""
        return self.plan.index_url

    @property
    def accept_language(self) -> str:
        """`source.accept_language`."""
        return self.plan.accept_language

    @property
    def index_interval_seconds(self) -> float:
        """`source.index_interval`; 0 = the host's interval is enough."""
        return self.plan.index_interval_seconds

    @property
    def per_host_interval_seconds(self) -> float | None:
        """`source.per_host_interval`; None = as everywhere else."""
        return self.plan.per_host_interval_seconds

    @property
    def freshness(self) -> dt.timedelta | None:
        """`source.freshness`; None = as everywhere else."""
        return self.plan.freshness

    @property
    def missing_details_are_normal(self) -> bool:
        """`detail.not_found = "skip"`."""
        return self.plan.detail is not None and self.plan.detail.table.not_found == "skip"

    def first_request(self, index_url: str, today: dt.date) -> PageRequest:
        """The index, or the page with its nonce. `today` is asked for where the index goes by days."""
        return requests.first_request(self.plan.index, index_url, today)

    def read_index(self, page: Page) -> IndexReading:
        """One page of the index. Raises PageShapeChanged naming the key of the description that found nothing."""
        return read_index_page(self.plan, page).as_reading()

    def ends_index(self, request: PageRequest, status_code: int) -> bool:
        """A page number behind the last one answers 404 (WordPress' REST: 400)."""
        return requests.ends_walk(self.plan.index, request, status_code)

    def join_listings(self, first: Listing, second: Listing) -> Listing:
        """Two listings of one key from different index pages as one, with the evenings of both."""
        return together(first, second)

    def detail_request(self, listing: Listing) -> PageRequest | None:
        """The listing's page where there is a `[detail]`."""
        if self.plan.detail is None or "url" not in listing.stated:
            return None
        return PageRequest(listing.url, step="detail", kind="detail")

    def companion_request(self, _listing: Listing) -> None:
        """Descriptions know one page a venue."""

    def read_detail(self, listing: Listing, page: Page | None, _companion: Page | None) -> Detail:
        """One venue. Raises PageShapeChanged naming the fact that is nowhere stated."""
        if self.detail_request(listing) is not None:
            page = required_page(page, listing.url)
        url = page.url if page else listing.url
        return detail_of(self.plan, listing, gather(self.plan, listing, page), url)
