"""A source for worker processes that does what the page says: tell who reads, spin, die, eat memory, err.

Stands in for a parser that misbehaves; a page that is no command is ordinary HTML.
"""

from __future__ import annotations

import os
import resource
import signal
from dataclasses import dataclass

from trivia_scraper.domain.errors import PageShapeChanged
from trivia_scraper.domain.failures import Reason
from trivia_scraper.domain.models import Detail, Listing
from trivia_scraper.domain.pages import Page, PageRequest
from trivia_scraper.domain.source import IndexReading
from trivia_scraper.sources.document import Document
from trivia_scraper.sources.usual import UsualSource

URL = "https://pub.example/"
SPIN = "spin"
DIE = "die"
GREED = "greed"
BUG = "bug"
SHAPE = "shape"


@dataclass(frozen=True, slots=True)
class CrookedSource(UsualSource):
    """Its one listing: `key` is the process that read the page, `name` the page's text."""

    slug: str = "crooked"

    def read_index(self, page: Page) -> IndexReading:
        _obey(page.text.strip())
        return IndexReading((Listing(self.slug, str(os.getpid()), page.url, Document.of(page).text()),))

    def read_detail(self, listing: Listing, page: Page | None, companion: Page | None) -> Detail:
        assert page is not None
        _obey(page.text.strip())
        raise AssertionError("no command of ours")


def page_of(text: str, url: str = URL) -> Page:
    return Page(PageRequest(url), url, 200, text, "text/html", len(text))


def _obey(command: str) -> None:
    if command == SPIN:
        while True:
            pass
    if command == DIE:
        os.kill(os.getpid(), signal.SIGKILL)
    if command == GREED:
        bytearray(resource.getrlimit(resource.RLIMIT_AS)[0])
    if command == BUG:
        raise KeyError("results")
    if command == SHAPE:
        raise PageShapeChanged("no list", looked_for=".list", url="https://pub.example/2", reason=Reason.ENCODING)
