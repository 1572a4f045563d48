"""Reading alone: the replicas' own pages of every source through its parser, in this process, without network.

python -m bench.parsing [SECONDS A SOURCE]
"""

from __future__ import annotations

import datetime as dt
import json
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from trivia_scraper.demo.provider import Provider
from trivia_scraper.demo.site import PROVIDERS
from trivia_scraper.domain.errors import TriviaScraperError
from trivia_scraper.domain.models import Listing
from trivia_scraper.domain.pages import Page, PageRequest
from trivia_scraper.domain.source import Source
from trivia_scraper.sources import SOURCES

BASE = "http://127.0.0.1:9"
VENUES = 40
TODAY = dt.date(2026, 11, 21)


def measure(seconds: float = 1.0) -> dict[str, dict[str, float]]:
    """For each source: index and detail pages read a second, and their mean size in kB."""
    return {provider.slug: _one_source(provider, SOURCES[provider.slug], seconds) for provider in PROVIDERS}


def _one_source(provider: Provider, source: Source, seconds: float) -> dict[str, float]:
    site = _Site(provider)
    indexes, listings = _walk(source, site)
    details = [(listing, *site.pages_of(source, listing)) for listing in listings]
    details = [detail for detail in details if detail[1] is None or detail[1].status_code == 200]
    return {
        "index_pages_per_second": _rate(lambda: [source.read_index(page) for page in indexes], len(indexes), seconds),
        "index_kb": sum(len(page.text) for page in indexes) / len(indexes) / 1000,
        "listings": len(listings),
        "details_per_second": _rate(lambda: _read_all(source, details), len(details), seconds),
        "detail_kb": sum(len(page.text) for _, page, _ in details if page) / len(details) / 1000,
    }


def _read_all(source: Source, details: list[tuple[Listing, Page | None, Page | None]]) -> None:
    for listing, page, companion in details:
        # The replica's worlds hold listings that are meant to be refused.
        with suppress(TriviaScraperError):
            source.read_detail(listing, page, companion)


def _rate(read: Callable[[], object], pages: int, seconds: float) -> float:
    """Pages a second of CPU time, over at least `seconds`."""
    started, rounds = time.process_time(), 0
    while time.process_time() - started < seconds:
        read()
        rounds += 1
    return rounds * pages / (time.process_time() - started)


class _Site:
    """A provider's replica, asked without HTTP."""

    def __init__(self, provider: Provider) -> None:
        self.base = f"{BASE}/{provider.slug}"
        self._provider = provider
        self._venues = provider.invent(VENUES, plain=False)
        self._by_key = {venue.key: venue for venue in self._venues}

    def index_url(self) -> str:
        return f"{self.base}{self._provider.index_path}"

    def page(self, request: PageRequest) -> Page:
        parts = urlsplit(request.url)
        path = parts.path.removeprefix(f"/{self._provider.slug}")
        query = dict(parse_qsl(parts.query, keep_blank_values=True)) | dict(request.form or {})
        answer = self._provider.index(path, query, self._venues, self.base)
        if answer is None:
            key = self._provider.venue_key(path)
            answer = self._provider.page(self._by_key[key], self.base) if key in self._by_key else None
        text, status = ("", 404) if answer is None else (answer.text, answer.status)
        return Page(request, request.url, status, text, "text/html", len(text))

    def pages_of(self, source: Source, listing: Listing) -> tuple[Page | None, Page | None]:
        asked = (source.detail_request(listing), source.companion_request(listing))
        page, companion = (None if request is None else self.page(request) for request in asked)
        return page, companion


def _walk(source: Source, site: _Site) -> tuple[list[Page], list[Listing]]:
    pages, listings = [], {}
    waiting = deque([source.first_request(site.index_url(), TODAY)])
    while waiting:
        page = site.page(waiting.popleft())
        if page.status_code == 404:
            continue
        reading = source.read_index(page)
        pages.append(page)
        listings |= {listing.key: listing for listing in reading.listings}
        waiting.extend(reading.follow)
    return pages, list(listings.values())


def rows(figures: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """The figures as lines of a Markdown table."""
    yield "| source | index pages/s | kB a page | details/s | kB a page |"
    yield "|---|---|---|---|---|"
    for slug, row in figures.items():
        yield (
            f"| {slug} | {row['index_pages_per_second']:.0f} | {row['index_kb']:.1f} "
            f"| {row['details_per_second']:.0f} | {row['detail_kb']:.1f} |"
        )


if __name__ == "__main__":
    if sys.stdin.isatty() or len(sys.argv) > 1:
        print("\n".join(rows(measure(float(sys.argv[1]) if len(sys.argv) > 1 else 1.0))))
    else:
        print(json.dumps(measure(**json.load(sys.stdin))))
