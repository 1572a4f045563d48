"""What most sources answer alike. A source says only where it differs."""

from __future__ import annotations

from trivia_scraper.domain.models import Listing
from trivia_scraper.domain.pages import PageRequest


class UsualSource:
    """The ordinary answers to the less common questions of `domain.source.Source`."""

    @property
    def index_interval_seconds(self) -> float:
        """The host's own interval is enough."""
        return 0.0

    @property
    def missing_details_are_normal(self) -> bool:
        """A listing whose page is gone is a failure."""
        return False

    def ends_index(self, request: PageRequest, status_code: int) -> bool:  # noqa: ARG002 - the port's signature
        """No page of the index is expected to be missing."""
        return False

    def join_listings(self, first: Listing, second: Listing) -> Listing:  # noqa: ARG002 - the port's signature
        """The first of two entries with one key counts."""
        return first

    def companion_request(self, listing: Listing) -> PageRequest | None:  # noqa: ARG002 - the port's signature
        """Everything is on the one page."""
        return None
