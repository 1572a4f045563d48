"""The walk over a source's index pages: every listing it shows, and whether the walk reached the end."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urldefrag

from trivia_scraper.domain.errors import PageShapeChanged, TriviaScraperError
from trivia_scraper.domain.log_events import LogEvent
from trivia_scraper.domain.models import Listing
from trivia_scraper.domain.outcomes import Failure, SkipReason, SourceReport
from trivia_scraper.domain.pages import Page, PageRequest
from trivia_scraper.domain.redaction import strip_secrets
from trivia_scraper.domain.source import IndexReading, Source
from trivia_scraper.pipeline.attempts import attempt_page
from trivia_scraper.pipeline.failing import failure_fields, is_disallowed, keep_unread, page_failure
from trivia_scraper.pipeline.limits import RunLimits
from trivia_scraper.policy.urls import normalise_url
from trivia_scraper.ports import Services

MOST_INDEX_PAGES: Final = 1000


@dataclass(slots=True)
class IndexWalk:
    """What the index pages of one source gave."""

    listings: dict[str, Listing] = field(default_factory=dict)
    pages: int = 0
    to_the_end: bool = True
    explicitly_empty: bool = False
    disallowed: bool = False


async def walk_index(source: Source, limits: RunLimits, report: SourceReport, services: Services) -> IndexWalk:
    """Read the index page by page; a page that fails leaves the walk unfinished and is told in the report."""
    walk, asked = IndexWalk(), set[tuple[str, tuple[tuple[str, str], ...]]]()
    first = source.first_request(services.settings.index_urls[source.slug], services.clock.now().date())
    waiting = deque([first])
    while waiting and walk.pages < MOST_INDEX_PAGES:
        report.stopped = limits.why_stop()
        if report.stopped is not None:
            break
        request = waiting.popleft()
        question = (request.url, tuple((request.form or {}).items()))
        if question in asked:
            continue
        if asked:
            await services.sleep(services.settings.index_intervals[source.slug])
        asked.add(question)
        try:
            waiting.extend(await _read_page(source, request, walk, report, services))
        except TriviaScraperError as error:
            if request is not first and error.status_code and source.ends_index(request, error.status_code):
                continue
            walk.to_the_end = False
            if is_disallowed(error):
                walk.disallowed = True
                report.warnings.append(f"robots.txt disallows {strip_secrets(request.url)}")
                continue
            report.failures.append(_failure(error, source, request, services))
    walk.to_the_end = walk.to_the_end and not waiting
    return walk


async def find_listing(
    source: Source, keys: Collection[str], url: str | None, limits: RunLimits, services: Services
) -> Listing | None:
    """The first listing of a source's index with one of these keys or this URL; None also when it cannot be read."""
    walk = await walk_index(source, limits, SourceReport(source.slug), services.with_log(source=source.slug))
    for listing in walk.listings.values():
        if listing.key in keys or (url is not None and _is_same_page(listing.url, url)):
            return listing
    return None


def _is_same_page(left: str, right: str) -> bool:
    # A source without detail pages tells its venues apart by the fragment (sources.md 4.2).
    return normalise_url(left) == normalise_url(right) and urldefrag(left)[1] == urldefrag(right)[1]


async def _read_page(
    source: Source, request: PageRequest, walk: IndexWalk, report: SourceReport, services: Services
) -> Collection[PageRequest]:
    page = await _fetch(source, request, services)
    report.bytes_received += page.bytes_received
    try:
        reading = await services.reader.read_index(source, page)
    except PageShapeChanged as error:
        await keep_unread(source, page, error, services)
        raise
    walk.pages += 1
    report.index_pages += 1
    walk.explicitly_empty = walk.explicitly_empty or reading.explicitly_empty
    _take(source, reading, walk, report, services)
    return reading.follow


async def _fetch(source: Source, request: PageRequest, services: Services) -> Page:
    page = await attempt_page(request, "index page", source.accept_language, services)
    services.log.info(LogEvent.INDEX_FETCHED, url=strip_secrets(page.url), bytes=page.bytes_received)
    return page


def _take(source: Source, reading: IndexReading, walk: IndexWalk, report: SourceReport, services: Services) -> None:
    report.listed += len(reading.listings) + len(reading.rejected)
    for listing in reading.listings:
        known = walk.listings.get(listing.key)
        walk.listings[listing.key] = listing if known is None else source.join_listings(known, listing)
        report.skipped[SkipReason.DUPLICATE_KEY] += known is not None
    for rejected in reading.rejected:
        report.skipped[SkipReason.REJECTED] += 1
        report.rejected_reasons[rejected.reason] += 1
        services.log.warning(
            LogEvent.LISTING_REJECTED, listing=rejected.key, venue=rejected.name, reason=rejected.reason
        )
    services.log.info(LogEvent.INDEX_PARSED, listed=len(reading.listings), rejected=len(reading.rejected))


def _failure(error: TriviaScraperError, source: Source, request: PageRequest, services: Services) -> Failure:
    failure = page_failure(error, source=source.slug, venue=None, url=request.url, subject="index")
    services.log.error(LogEvent.INDEX_FAILED, **failure_fields(failure))
    return failure
