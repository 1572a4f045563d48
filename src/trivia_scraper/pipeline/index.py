"""One source: the index walk, what it is worth, the plan, then one detail after another, a few at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from typing import Final

from trivia_scraper.domain.log_events import LogEvent
from trivia_scraper.domain.models import Listing
from trivia_scraper.domain.options import RefreshOptions
from trivia_scraper.domain.outcomes import (
    DetailOutcome,
    DetailOutcomeKind,
    IndexVerdict,
    PlannedVisit,
    SkipReason,
    SourceReport,
)
from trivia_scraper.domain.redaction import strip_secrets
from trivia_scraper.domain.source import Source
from trivia_scraper.pipeline.attempts import attempt_storing
from trivia_scraper.pipeline.detail import refresh_detail
from trivia_scraper.pipeline.health import record_and_judge
from trivia_scraper.pipeline.limits import RunLimits
from trivia_scraper.pipeline.vanishing import count_disappearances
from trivia_scraper.pipeline.walking import IndexWalk, walk_index
from trivia_scraper.policy.planning import Visit, VisitPlan, judge_index, plan_visits
from trivia_scraper.ports import Services

_COUNTER: Final = {
    DetailOutcomeKind.CREATED: "created",
    DetailOutcomeKind.UPDATED: "updated",
    DetailOutcomeKind.UNCHANGED: "unchanged",
    DetailOutcomeKind.GONE: "gone",
    DetailOutcomeKind.FAILED: "failed",
}


async def refresh_source(
    source: Source, limits: RunLimits, report: SourceReport, options: RefreshOptions, services: Services
) -> None:
    """Refresh one source; counts and failures go into `report` as they come, so that nothing told is lost.

    Raises what no item can answer for: a lost database, a fault in reading the index.
    """
    services = services.with_log(source=source.slug)
    started = services.clock.monotonic()
    try:
        walk, visits = await plan_source(source, limits, report, options, services)
        await _visit_all(source, visits, limits, report, options, services)
        if not options.dry_run:
            await conclude_source(source, list(walk.listings), report, services)
    finally:
        report.seconds = services.clock.monotonic() - started
        services.progress.source_finished(source.slug, report)


async def plan_source(
    source: Source, limits: RunLimits, report: SourceReport, options: RefreshOptions, services: Services
) -> tuple[IndexWalk, Sequence[Visit]]:
    """Walk the index, judge it, and say which listings are visited: none of a held index, none in a dry run.

    Raises as `refresh_source` does.
    """
    _tell_flag(options, services)
    walk = await walk_index(source, limits, report, services)
    await _judge(source, walk, report, services)
    if report.verdict is IndexVerdict.HELD:
        return walk, ()
    return walk, await _plan_visits(source, walk, report, options, services)


def _tell_flag(options: RefreshOptions, services: Services) -> None:
    forced = options.force_refresh_images
    if forced:
        services.log.warning(LogEvent.REFRESH_ENABLED, where="index", force_refresh=True)
    services.log.debug(LogEvent.REFRESH_FLAG_EXTRACTED, force_refresh=forced)
    services.log.debug(LogEvent.REFRESH_FLAG_FOR_DETAILS, force_refresh=forced)


async def _judge(source: Source, walk: IndexWalk, report: SourceReport, services: Services) -> None:
    report.usable = len(walk.listings)
    if not walk.pages:
        report.verdict = _verdict_without_pages(walk, report)
        return
    report.verdict, why = judge_index(
        report.usable,
        walked_to_the_end=walk.to_the_end,
        explicitly_empty=walk.explicitly_empty,
        baseline=await attempt_storing(lambda: services.runs.baseline(source.slug), "baseline", services),
        suspect_ratio=services.settings.suspect_ratio,
        growth_factor=services.settings.source_growth_factor,
    )
    if why:
        report.warnings.append(why)
        services.log.warning(LogEvent.INDEX_DOUBTED, verdict=report.verdict, why=why)
    if report.verdict is IndexVerdict.HELD:
        report.skipped[SkipReason.HELD] += report.usable


def _verdict_without_pages(walk: IndexWalk, report: SourceReport) -> IndexVerdict:
    if walk.disallowed:
        return IndexVerdict.DISALLOWED
    return IndexVerdict.TRUNCATED if report.stopped else IndexVerdict.FAILED


async def _plan_visits(
    source: Source, walk: IndexWalk, report: SourceReport, options: RefreshOptions, services: Services
) -> Sequence[Visit]:
    plan = await _plan(source, list(walk.listings.values()), options, services)
    report.skipped.update(reason for _, reason in plan.skipped)
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
        return ()
    await attempt_storing(
        lambda: services.catalog.touch_seen(source.slug, list(walk.listings), services.clock.now()),
        "marking what was seen",
        services,
    )
    return plan.visits


async def _plan(
    source: Source, listings: Sequence[Listing], options: RefreshOptions, services: Services
) -> VisitPlan:
    now, keys = services.clock.now(), [listing.key for listing in listings]
    known = await attempt_storing(
        lambda: services.catalog.known_listings(source.slug, keys, now), "known listings", services
    )
    chosen = None
    if options.venues:
        by_venue = await attempt_storing(
            lambda: services.catalog.keys_of_venues(source.slug, options.venues), "chosen venues", services
        )
        chosen = frozenset(key for keys_of_one in by_venue.values() for key in keys_of_one)
    freshness = services.settings.freshness_of(source.slug)
    return plan_visits(listings, known, chosen, options, now=now, freshness=freshness)


async def _visit_all(
    source: Source,
    visits: Sequence[Visit],
    limits: RunLimits,
    report: SourceReport,
    options: RefreshOptions,
    services: Services,
) -> None:
    if visits:
        services.log.debug(LogEvent.REFRESH_FIRST_DETAIL_ARGS, options=options.model_dump(mode="json"))
    waiting = iter(visits)
    # A few workers over one iterator, not a task a listing: memory stays flat over thousands of listings.
    async with asyncio.TaskGroup() as group:
        for _ in range(min(services.settings.concurrency_per_source, len(visits))):
            group.create_task(_visit_one_by_one(source, waiting, limits, report, options, services))


async def _visit_one_by_one(
    source: Source,
    waiting: Iterator[Visit],
    limits: RunLimits,
    report: SourceReport,
    options: RefreshOptions,
    services: Services,
) -> None:
    for visit in waiting:
        listing = visit.listing
        await services.gate()
        stop = limits.why_stop()
        if stop is not None:
            report.skipped[stop] += 1
            services.log.debug(LogEvent.DETAIL_SKIPPED, listing=listing.key, reason=stop)
            continue
        outcome = await refresh_detail(source, listing, options, services, why=visit.why)
        fold(outcome, report)
        services.progress.detail_finished(source.slug, outcome)
        for image in outcome.images:
            services.progress.image_finished(source.slug, image)


def fold(outcome: DetailOutcome, report: SourceReport) -> None:
    """Add one detail's outcome to the source's counts and failures."""
    if outcome.kind is DetailOutcomeKind.DISALLOWED:
        report.skipped[SkipReason.ROBOTS] += 1
        return
    report.visited += 1
    if outcome.stated is not None:
        report.read_pages += 1
        report.coverage.update(outcome.stated)
    report.bytes_received += outcome.bytes_received + sum(image.bytes_received for image in outcome.images)
    setattr(report, _COUNTER[outcome.kind], getattr(report, _COUNTER[outcome.kind]) + 1)
    report.images.update(image.kind for image in outcome.images)
    failures = [image.failure for image in outcome.images if image.failure is not None]
    report.image_errors.update(failure.error_type for failure in failures)
    report.failures += [*([outcome.failure] if outcome.failure is not None else []), *failures]


async def conclude_source(source: Source, seen_keys: Sequence[str], report: SourceReport, services: Services) -> None:
    """What follows from a source's whole run: what it no longer shows, its counts, its baseline.

    seen_keys  stable keys of all that the index showed
    Doing it again for the same run changes nothing.
    """
    if report.verdict is IndexVerdict.COMPLETE:
        await count_disappearances(source, seen_keys, report, services)
    await record_and_judge(report, services)
