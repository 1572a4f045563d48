"""What a source module is: a pure reader of one provider's pages.

The pipeline fetches; a source only says what to fetch and reads what came. Adding a source touches its
module, its fixtures and one line of the registry (`sources/__init__.py`).
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Protocol

from trivia_scraper.domain.models import Detail, Listing, RejectedListing
from trivia_scraper.domain.pages import Page, PageRequest


@dataclass(frozen=True, slots=True)
class IndexReading:
    """What one index page gave.

    listings  usable entries in page order (duplicates by key are dropped by the pipeline)
    rejected  entries that lack a required fact, each with its reason
    follow    further index pages to fetch; empty = this branch of the index is complete
    explicitly_empty  the page itself says "none found": a valid empty result (N9)
    """

    listings: tuple[Listing, ...]
    rejected: tuple[RejectedListing, ...] = ()
    follow: tuple[PageRequest, ...] = ()
    explicitly_empty: bool = False


class Source(Protocol):
    """One provider of trivia nights. Pure: no I/O, no clock, no state."""

    @property
    def slug(self) -> str:
        """Key in config, tables and CLI, e.g. "question_one"."""

    @property
    def name(self) -> str:
        """The provider's own name, for people."""

    @property
    def home(self) -> str:
        """The provider's home page."""

    @property
    def default_index_url(self) -> str:
        """Where the index walk starts when `[sources.<slug>] index_url` is empty."""

    @property
    def accept_language(self) -> str:
        """Sent with every page request of this source."""

    @property
    def index_interval_seconds(self) -> float:
        """Least time between two index pages of this source (N1); 0 = the host's interval is enough."""

    @property
    def missing_details_are_normal(self) -> bool:
        """Whether a 404 on a detail page is an ordinary end (SpeedQuizzing 5.6, PubQuiz.pl 7.2)."""

    def first_request(self, index_url: str, today: dt.date) -> PageRequest:
        """The request that starts the index walk at `index_url`; `today` is for indexes that are asked by date."""

    def read_index(self, page: Page) -> IndexReading:
        """Read one index page. Raises PageShapeChanged when the expected anchor is missing (N9)."""

    def ends_index(self, request: PageRequest, status_code: int) -> bool:
        """Whether this status for a *followed* page is the regular end of the walk (Question One's 404)."""

    def join_listings(self, first: Listing, second: Listing) -> Listing:
        """What two entries of one key amount to: an index by days shows a venue on several pages."""

    def detail_request(self, listing: Listing) -> PageRequest | None:
        """The detail page of a listing, or None where the index already says everything."""

    def companion_request(self, listing: Listing) -> PageRequest | None:
        """A second page of the listing with facts beside the main ones, or None; its failure costs only those."""

    def read_detail(self, listing: Listing, page: Page | None, companion: Page | None) -> Detail:
        """Read one venue. Raises PageShapeChanged naming the promised fact that is not there."""
