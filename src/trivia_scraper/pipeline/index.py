"""One source: index pages → listings → the plan → one detail after another, a few at a time."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from trivia_scraper.domain.errors import PageShapeChanged, TriviaScraperError
from trivia_scraper.domain.log_events import LogEvent
from trivia_scraper.domain.models import Listing
from trivia_scraper.domain.options import RefreshOptions
from trivia_scraper.domain.outcomes import (
    DetailOutcome,
    DetailOutcomeKind,
    Failure,
    IndexVerdict,
    PlannedVisit,
    SkipReason,
    SourceReport,
)
from trivia_scraper.domain.pages import Page, PageRequest
from trivia_scraper.domain.redaction import strip_secrets
from trivia_scraper.domain.source import Source
from trivia_scraper.pipeline.attempts import attempt, attempt_storing
from trivia_scraper.pipeline.detail import refresh_detail
from trivia_scraper.pipeline.failing import page_failure
from trivia_scraper.pipeline.limits import RunLimits
from trivia_scraper.pipeline.vanishing import count_disappearances
from trivia_scraper.policy.planning import VisitPlan, judge_index, plan_visits
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
    failures: list[Failure] = field(default_factory=list)


async def refresh_source(
    source: Source, limits: RunLimits, options: RefreshOptions, services: Services
) -> tuple[SourceReport, list[Failure]]:
    """Refresh one source; returns its counts and failures. Raises only for cancellation or a lost database."""
    services = services.with_log(source=source.slug)
    started, report = services.clock.monotonic(), SourceReport(source.slug)
    _tell_flag(options, services)
    walk = await _walk_index(source, report, services)
    report.index_pages, report.listed = walk.pages, len(walk.listings)
    failures = list(walk.failures)
    if walk.pages:
        await _judge(source, walk, report, services)
    else:
        report.verdict = IndexVerdict.FAILED
    if report.verdict is not IndexVerdict.HELD:
        failures += await _visit_planned(source, walk, report, limits, options, services)
    if not options.dry_run:
        await _conclude(source, walk, report, services)
    report.seconds = services.clock.monotonic() - started
    services.progress.source_finished(source.slug, report)
    return report, failures


def _tell_flag(options: RefreshOptions, services: Services) -> None:
    forced = options.force_refresh_images
    if forced:
        services.log.warning(LogEvent.REFRESH_ENABLED, where="index", force_refresh=True)
    services.log.debug(LogEvent.REFRESH_FLAG_EXTRACTED, force_refresh=forced)
    services.log.debug(LogEvent.REFRESH_FLAG_FOR_DETAILS, force_refresh=forced)


async def _walk_index(source: Source, report: SourceReport, services: Services) -> IndexWalk:
    walk, asked = IndexWalk(), set[str]()
    first = source.first_request(services.settings.index_urls[source.slug])
    waiting = deque([first])
    while waiting and walk.pages < MOST_INDEX_PAGES:
        request = waiting.popleft()
        if request.url in asked:
            continue
        if asked:
            await services.sleep(services.settings.index_intervals[source.slug])
        asked.add(request.url)
        try:
            page = await _fetch_index(source, request, services)
            await _read_index(source, page, walk, waiting, report, services)
        except TriviaScraperError as error:
            if request is not first and error.status_code and source.ends_index(request, error.status_code):
                continue
            walk.to_the_end = False
            walk.failures.append(_index_failure(error, source, request, services))
    walk.to_the_end = walk.to_the_end and not waiting
    return walk


async def _fetch_index(source: Source, request: PageRequest, services: Services) -> Page:
    deadline = services.settings.page_deadline_seconds

    async def once() -> Page:
        return await services.fetcher.fetch_page(
            request, accept_language=source.accept_language, deadline_seconds=deadline
        )

    page = (await attempt(once, "index page", services, budget_seconds=deadline)).value
    services.log.info(LogEvent.INDEX_FETCHED, url=strip_secrets(page.url), bytes=page.bytes_received)
    return page


async def _read_index(
    source: Source,
    page: Page,
    walk: IndexWalk,
    waiting: deque[PageRequest],
    report: SourceReport,
    services: Services,
) -> None:
    try:
        reading = source.read_index(page)
    except PageShapeChanged as error:
        kept = await services.archive.keep(source.slug, page, error.looked_for)
        services.log.error(LogEvent.PAGE_SHAPE_CHANGED, looked_for=error.looked_for, kept=str(kept))
        raise
    walk.pages += 1
    report.bytes_received += page.bytes_received
    walk.explicitly_empty = walk.explicitly_empty or reading.explicitly_empty
    waiting.extend(reading.follow)
    for listing in reading.listings:
        if listing.key in walk.listings:
            report.skipped[SkipReason.DUPLICATE_KEY] += 1
        walk.listings.setdefault(listing.key, listing)
    for rejected in reading.rejected:
        report.skipped[SkipReason.REJECTED] += 1
        report.rejected_reasons[rejected.reason] += 1
        services.log.warning(
            LogEvent.LISTING_REJECTED, listing=rejected.key, venue=rejected.name, reason=rejected.reason
        )
    services.log.info(LogEvent.INDEX_PARSED, listed=len(reading.listings), rejected=len(reading.rejected))


def _index_failure(error: TriviaScraperError, source: Source, request: PageRequest, services: Services) -> Failure:
    failure = page_failure(error, source=source.slug, venue=None, url=request.url, subject="index")
    services.log.error(
        LogEvent.SOURCE_BROKEN,
        url=failure.url,
        error_type=failure.error_type,
        reason=failure.reason,
        status_code=failure.status_code,
        error=failure.message,
    )
    return failure


async def _judge(source: Source, walk: IndexWalk, report: SourceReport, services: Services) -> None:
    settings = services.settings
    report.verdict, why = judge_index(
        len(walk.listings),
        walked_to_the_end=walk.to_the_end,
        explicitly_empty=walk.explicitly_empty,
        baseline=await attempt_storing(lambda: services.runs.baseline(source.slug), "baseline", services),
        suspect_ratio=settings.suspect_ratio,
        growth_factor=settings.source_growth_factor,
    )
    if why:
        report.warnings.append(why)
        services.log.warning(LogEvent.SOURCE_DEGRADED, verdict=report.verdict, why=why)
    if report.verdict is IndexVerdict.HELD:
        report.skipped[SkipReason.HELD] += len(walk.listings)


async def _visit_planned(
    source: Source,
    walk: IndexWalk,
    report: SourceReport,
    limits: RunLimits,
    options: RefreshOptions,
    services: Services,
) -> list[Failure]:
    plan = await _plan(source, list(walk.listings.values()), options, services)
    for _, reason in plan.skipped:
        report.skipped[reason] += 1
    report.left_by_limit = report.skipped[SkipReason.BEYOND_LIMIT]
    services.log.info(
        LogEvent.INDEX_PLANNED, visits=len(plan.visits), skipped={k.value: n for k, n in report.skipped.items()}
    )
    services.progress.source_planned(source.slug, len(plan.visits), report.listed)
    if options.dry_run:
        report.planned = len(plan.visits)
        report.plan = [
            PlannedVisit(v.listing.key, v.listing.name, strip_secrets(v.listing.url), v.why) for v in plan.visits
        ]
        return []
    await attempt_storing(
        lambda: services.catalog.touch_seen(source.slug, list(walk.listings), services.clock.now()),
        "marking what was seen", services,
    )  # fmt: skip
    return await _visit_all(source, plan, report, limits, options, services)


async def _plan(
    source: Source, listings: Sequence[Listing], options: RefreshOptions, services: Services
) -> VisitPlan:
    now, keys = services.clock.now(), [listing.key for listing in listings]
    known = await attempt_storing(
        lambda: services.catalog.known_listings(source.slug, keys, now), "known listings", services
    )
    chosen = None
    if options.venues:
        by_venue = await services.catalog.keys_of_venues(source.slug, options.venues)
        chosen = frozenset(key for keys_of_one in by_venue.values() for key in keys_of_one)
    freshness = services.settings.freshness_overrides.get(source.slug, services.settings.detail_freshness)
    return plan_visits(listings, known, chosen, options, now=now, freshness=freshness)


async def _visit_all(
    source: Source,
    plan: VisitPlan,
    report: SourceReport,
    limits: RunLimits,
    options: RefreshOptions,
    services: Services,
) -> list[Failure]:
    if plan.visits:
        services.log.debug(LogEvent.REFRESH_FIRST_DETAIL_ARGS, options=options.model_dump(mode="json"))
    waiting, failures = iter([visit.listing for visit in plan.visits]), list[Failure]()
    # A few workers over one iterator, not a task a listing: memory stays flat over thousands of listings.
    async with asyncio.TaskGroup() as group:
        for _ in range(min(services.settings.concurrency_per_source, len(plan.visits))):
            group.create_task(_visit_one_by_one(source, waiting, report, failures, limits, options, services))
    return failures


async def _visit_one_by_one(
    source: Source,
    waiting: Iterator[Listing],
    report: SourceReport,
    failures: list[Failure],
    limits: RunLimits,
    options: RefreshOptions,
    services: Services,
) -> None:
    for listing in waiting:
        stop = limits.why_stop()
        if stop is not None:
            report.skipped[stop] += 1
            services.log.debug(LogEvent.DETAIL_SKIPPED, listing=listing.key, reason=stop)
            continue
        outcome = await refresh_detail(source, listing, options, services)
        failures += fold(outcome, report)
        services.progress.detail_finished(source.slug, outcome)
        for image in outcome.images:
            services.progress.image_finished(source.slug, image)


def fold(outcome: DetailOutcome, report: SourceReport) -> list[Failure]:
    """Add one detail's outcome to the source's counts; returns its failures."""
    report.visited += 1
    report.bytes_received += outcome.bytes_received + sum(image.bytes_received for image in outcome.images)
    counter = {
        DetailOutcomeKind.CREATED: "created",
        DetailOutcomeKind.UPDATED: "updated",
        DetailOutcomeKind.UNCHANGED: "unchanged",
        DetailOutcomeKind.GONE: "gone",
        DetailOutcomeKind.FAILED: "failed",
    }[outcome.kind]
    setattr(report, counter, getattr(report, counter) + 1)
    for image in outcome.images:
        report.images[image.kind] += 1
        if image.failure is not None:
            report.image_errors[image.failure.error_type] += 1
    image_failures = [image.failure for image in outcome.images if image.failure is not None]
    return ([outcome.failure] if outcome.failure is not None else []) + image_failures


async def _conclude(source: Source, walk: IndexWalk, report: SourceReport, services: Services) -> None:
    if report.verdict is IndexVerdict.COMPLETE:
        await count_disappearances(source, list(walk.listings), report, services)
    elif report.warnings:
        await services.runs.raise_issue(
            "index", source.slug, source.slug, report.warnings[0], services.run_id, services.clock.now()
        )
    await attempt_storing(
        lambda: services.runs.record_source_run(services.run_id, report, services.clock.now()),
        "source counts",
        services,
    )


async def find_listing(
    source: Source, keys: Collection[str], normalised_url: str | None, services: Services
) -> Listing | None:
    """The first listing of a source's index with one of these keys or this URL. Raises what the index raised."""
    walk = await _walk_index(source, SourceReport(source.slug), services.with_log(source=source.slug))
    for listing in walk.listings.values():
        if listing.key in keys or normalise_url(listing.url) == normalised_url:
            return listing
    return None
