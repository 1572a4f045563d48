"""The child's side: one page, read by its source in a worker process. Pure but for being in the right place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeVar

from trivia_scraper.domain.errors import PageShapeChanged
from trivia_scraper.domain.failures import Reason
from trivia_scraper.domain.models import Detail, Listing
from trivia_scraper.domain.pages import Page
from trivia_scraper.domain.source import Source

Reading = TypeVar("Reading")
PageT = TypeVar("PageT", Page, Page | None)


@dataclass(frozen=True, slots=True)
class Unread:
    """A PageShapeChanged as a plain value, because only plain values cross the process border."""

    message: str
    looked_for: str
    url: str
    reason: Reason | None

    def as_error(self) -> PageShapeChanged:
        """The error it was."""
        return PageShapeChanged(self.message, looked_for=self.looked_for, url=self.url, reason=self.reason)


def read_unguarded(read: Callable[[PageT], Reading], page: PageT) -> Reading | Unread:
    """Let a source read markup of any kind; a page that is not what it promised is told as a value."""
    try:
        return read(page if page is None else replace(page, guarded=False))
    except PageShapeChanged as error:
        return Unread(error.message, error.looked_for, error.url, error.reason)


def read_detail(source: Source, listing: Listing, companion: Page | None, page: Page | None) -> Detail:
    """`source.read_detail` with the page last. A companion stays guarded: it must not cost the venue."""
    return source.read_detail(listing, page, companion)
