"""A run meets markup that stalls a parser: its page is kept, its source is told, everything else goes on."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from dataclasses import replace
from typing import cast
from uuid import uuid4

from support.crooked_sources import BUG, CrookedSource, page_of
from support.house import House, make_options
from support.imaging import worker_pids
from support.markup import HOSTILE
from trivia_scraper.domain.errors import WorkersUnavailable
from trivia_scraper.domain.failures import ErrorType, FailureClass, Reason
from trivia_scraper.domain.models import Detail, Listing
from trivia_scraper.domain.outcomes import RunReport
from trivia_scraper.domain.pages import Page, PageRequest
from trivia_scraper.domain.source import Source
from trivia_scraper.pipeline.run import refresh
from trivia_scraper.ports import Fetcher, Services, WorkerPool
from trivia_scraper.reading.reader import LONGEST_IN_LOOP, PooledReader

SLUG = "quizmeisters"
LONG = " " * LONGEST_IN_LOOP


class RewritingFetcher:
    """Changes the text of each page whose address contains `word`."""

    def __init__(self, inner: Fetcher, word: str, rewrite: Callable[[str], str]) -> None:
        self._inner = inner
        self._word = word
        self._rewrite = rewrite
        self.download_image = inner.download_image

    async def fetch_page(self, request: PageRequest, *, accept_language: str, deadline_seconds: float) -> Page:
        page = await self._inner.fetch_page(
            request, accept_language=accept_language, deadline_seconds=deadline_seconds
        )
        return replace(page, text=self._rewrite(page.text)) if self._word in request.url else page


async def run(house: House, word: str, rewrite: Callable[[str], str], **changed: object) -> RunReport:
    fetcher = RewritingFetcher(house.services.fetcher, word, rewrite)
    services: Services = replace(house.services, fetcher=fetcher, run_id=uuid4(), **changed)  # type: ignore[arg-type]
    return await refresh(make_options(sources=(SLUG,)), services)


def kept_pages(house: House) -> list[str]:
    folder = house.settings.image_dir / ".store" / "unread-pages" / SLUG
    return [path.read_text() for path in folder.glob("*.page")]


async def test_h095_a_page_that_stalls_the_parser_is_kept_and_costs_its_listing(house: House) -> None:
    key = house.replica.site.venues(SLUG)[0].key
    report = await run(house, f"/venues/{key}", lambda text: text + HOSTILE["H095-options"])
    [failure] = report.failures
    told = (failure.subject, failure.error_type, failure.reason)
    assert told == ("detail", ErrorType.INVALID_RESPONSE, Reason.PARSE_TIMEOUT)
    assert len(await house.venues(SLUG)) == report.sources[SLUG].listed - 1
    [kept] = kept_pages(house)
    assert "<option><option>" in kept
    assert [event["why"] for event in house.events("worker.killed")] == ["time"]


async def test_safety_7_3_long_pages_are_read_in_workers_to_the_same_facts(house: House) -> None:
    long = await run(house, "/", lambda text: text + LONG)
    assert worker_pids()
    assert long.failures == []
    assert len(await house.venues(SLUG)) == long.sources[SLUG].created == long.sources[SLUG].listed
    short = await refresh(make_options(sources=(SLUG,), force_update=True), replace(house.services, run_id=uuid4()))
    assert (short.sources[SLUG].created, short.sources[SLUG].updated) == (0, 0)


async def test_n7_a_bug_in_a_worker_costs_one_listing_and_is_logged_with_its_traceback(house: House) -> None:
    key = house.replica.site.venues(SLUG)[0].key
    reader = house.services.reader

    class BuggyFor:
        """Lets one listing be read by a source with a bug, in a worker like any other long page."""

        read_index = reader.read_index

        async def read_detail(
            self, source: Source, listing: Listing, page: Page | None, companion: Page | None
        ) -> Detail:
            if listing.key == key:
                source, page = CrookedSource(), page_of(BUG + LONG)
            return await reader.read_detail(source, listing, page, companion)

    report = await run(house, "/nowhere", str, reader=BuggyFor())
    [failure] = report.failures
    assert failure.error_type is ErrorType.UNKNOWN_ERROR
    assert "KeyError: 'results'" in failure.message
    [crash] = house.events("detail.crashed")
    assert 'raise KeyError("results")' in "".join(traceback.format_exception(crash["exc_info"]))
    assert len(await house.venues(SLUG)) == report.sources[SLUG].listed - 1


async def test_safety_7_3_without_workers_a_long_page_is_due_again(house: House) -> None:
    class Closed:
        async def perform(self, job: Callable[[], object], *, seconds: float, repeat_slow: bool) -> object:
            raise WorkersUnavailable("no worker process can be started")

    reader = PooledReader(cast(WorkerPool, Closed()))
    report = await run(house, "/locations", lambda text: text + LONG, reader=reader)
    [failure] = report.failures
    assert (failure.subject, failure.error_type) == ("index", ErrorType.SERVICE_UNAVAILABLE)
    assert failure.failure_class is FailureClass.TRANSIENT
    assert kept_pages(house) == []
