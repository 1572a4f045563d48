"""A venue's gallery: ask its providers, plan, fetch, keep the run (images.md 5; R85-R129).

Three modes. Forced: providers are asked whatever is known. By staleness: only of a venue that is due. Retry-only: no
provider is asked; what failed is fetched from its stored addresses.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from trivia_scraper.domain.enrichment import (
    EnrichmentMode,
    EnrichmentOutcome,
    EnrichmentState,
    EnrichmentStatus,
    VenueContext,
    VenueTotals,
)
from trivia_scraper.domain.errors import (
    CommitUnknown,
    DatabaseUnreachable,
    SetupError,
    StorageFull,
    StorageUnavailable,
)
from trivia_scraper.domain.failures import Reason
from trivia_scraper.domain.log_events import LogEvent
from trivia_scraper.domain.models import ImageStatus, OwnerKind
from trivia_scraper.domain.options import RefreshOptions
from trivia_scraper.domain.photos import KnownPhoto, Photo
from trivia_scraper.domain.redaction import redact_text
from trivia_scraper.pipeline.attempts import attempt_storing
from trivia_scraper.pipeline.gallery import fill_gallery
from trivia_scraper.pipeline.gallery_recovery import recover_gallery
from trivia_scraper.pipeline.photo_listing import asked_providers, list_photos, unasked
from trivia_scraper.policy.enrichment_results import (
    counts_as_check,
    most_cost_of,
    next_step,
    planned_step,
    status_of,
    summary_of,
)
from trivia_scraper.policy.photo_merging import GalleryPlan, GalleryTerms, LeftOut, Listed, merge_listed, plan_gallery
from trivia_scraper.policy.staleness import StalenessTerms, is_stale, next_enrichment_due, staleness_terms
from trivia_scraper.ports import PhotoSettings, Services

LONGEST_SUMMARY: Final = 500

_HOLDS_IMAGE = (ImageStatus.UPLOADED, ImageStatus.SKIPPED, ImageStatus.EXTERNAL)
_FAILED = (ImageStatus.FAILED, ImageStatus.PERMANENTLY_FAILED)


def mode_of(options: RefreshOptions) -> EnrichmentMode:
    """Retry-only beats every other option (images.md 5.1)."""
    if options.retry_failed_only:
        return EnrichmentMode.RETRY_ONLY
    return EnrichmentMode.FORCED if options.force_update else EnrichmentMode.STALENESS


async def enrich_venue(slug: str, options: RefreshOptions, services: Services) -> EnrichmentOutcome:
    """Enrich one venue. Raises SetupError for a slug that is no venue's, StorageFull before anybody is asked, and for
    a lost database; nothing else.

    The venue's lock is held from the look at its state to the last row, so that enrichment, recovery and refresh of
    one venue exclude each other, and of two enrichments the second finds the venue fresh (R163).
    """
    venue = await _venue(slug, services)
    mode = mode_of(options)
    services = services.with_log(venue=venue.slug)
    services.log.info(
        LogEvent.ENRICHMENT_STARTED, mode=mode, venue_id=venue.id, force_refresh=options.force_refresh_images
    )
    at, started = services.clock.now(), services.clock.monotonic()
    run_id, skipped = str(services.run_id), EnrichmentStatus.SKIPPED
    outcome = EnrichmentOutcome(venue, run_id, mode, skipped, options.providers, started_at=at)
    if mode is EnrichmentMode.RETRY_ONLY:
        done = await _retried(outcome, started, options, services)
    else:
        async with services.locks.hold(OwnerKind.VENUE, venue.id):
            done = await _enrich_held(outcome, started, options, services)
    done = replace(done, duration_ms=_milliseconds(started, services))
    _tell(done, services)
    return done


def terms_of(settings: PhotoSettings) -> StalenessTerms:
    """The staleness of the settings."""
    return staleness_terms(settings.stale_after, settings.stale_after_without_images)


async def _venue(slug: str, services: Services) -> VenueContext:
    venue = await attempt_storing(lambda: services.enrichment.venue(slug), "looking for a venue", services)
    if venue is not None:
        return venue
    await refuse_unknown([slug], services)
    raise SetupError(f"{slug!r} is just being merged", hint="name it again")


async def refuse_unknown(slugs: Sequence[str], services: Services) -> None:
    """Raise SetupError for a slug that is no venue's, naming the nearest ones."""
    unknown = await attempt_storing(lambda: services.catalog.unknown_venues(slugs), "looking for venues", services)
    for slug, nearest in unknown.items():
        near = ", ".join(nearest)
        hint = f"did you mean {near}?" if near else "`trivia-scraper venues list` shows them all"
        raise SetupError(f"no venue {slug!r}", hint=hint)


async def _enrich_held(
    outcome: EnrichmentOutcome, started: float, options: RefreshOptions, services: Services
) -> EnrichmentOutcome:
    state = await _state(outcome.venue, services)
    terms, now = terms_of(services.settings.photos), services.clock.now()
    due_at = next_enrichment_due(state.last_checked_at, has_images=state.has_images, terms=terms)
    is_due = is_stale(state.last_checked_at, has_images=state.has_images, now=now, terms=terms)
    if outcome.mode is EnrichmentMode.STALENESS and not is_due:
        services.log.info(LogEvent.ENRICHMENT_SKIPPED, why="fresh", due_at=due_at)
        return await _unchanged(replace(outcome, due_at=due_at), "fresh: no provider was asked", services)
    if options.dry_run:
        return await _planned(replace(outcome, due_at=due_at), options, services)
    await _refuse_without_room(services)
    listings = await list_photos(outcome.venue, options, services)
    outcome = replace(outcome, listings=listings, status=status_of(listings))
    kept: tuple[tuple[KnownPhoto, Photo], ...] = ()
    if any(listing.photos for listing in listings):
        try:
            outcome, kept = await _fill(outcome, options, services)
        except (DatabaseUnreachable, StorageUnavailable, CommitUnknown):
            raise
        except Exception as error:
            await _keep_crashed(outcome, error, started, services)
            raise
    outcome = await _with_totals(outcome, state, services)
    outcome = replace(outcome, duration_ms=_milliseconds(started, services))
    if listings:
        await _save(outcome, kept, services)
    return outcome


async def _save(outcome: EnrichmentOutcome, kept: tuple[tuple[KnownPhoto, Photo], ...], services: Services) -> None:
    at = services.clock.now()
    await attempt_storing(lambda: services.enrichment.save(outcome, kept, at), "saving an enrichment", services)


async def _keep_crashed(outcome: EnrichmentOutcome, error: Exception, started: float, services: Services) -> None:
    """Its listings are paid for: they are kept, and the venue goes behind the others instead of being next again."""
    summary = redact_text(f"crashed after its providers were asked: {type(error).__name__}: {error}")
    outcome = replace(
        outcome,
        status=EnrichmentStatus.ERROR,
        summary=summary[:LONGEST_SUMMARY],
        duration_ms=_milliseconds(started, services),
    )
    await _save(outcome, (), services)


async def _refuse_without_room(services: Services) -> None:
    # A listing costs money: none is asked for while its photos could not be kept.
    if services.settings.photos.download and not await services.files.has_room():
        raise StorageFull("free space is below storage.min_free: no provider is asked", reason=Reason.DISK_FULL)


async def _retried(
    outcome: EnrichmentOutcome, started: float, options: RefreshOptions, services: Services
) -> EnrichmentOutcome:
    """No provider is asked (R86). The recovery takes the venue's lock itself."""
    recovery = await recover_gallery(outcome.venue, options, services)
    outcome = replace(outcome, status=EnrichmentStatus.SUCCESS, recovery=recovery)
    outcome = await _with_totals(outcome, await _state(outcome.venue, services), services)
    outcome = replace(outcome, duration_ms=_milliseconds(started, services))
    if not options.dry_run and any(image.was_attempted for image in recovery.images):
        await _save(outcome, (), services)
    return outcome


async def _state(venue: VenueContext, services: Services) -> EnrichmentState:
    return await attempt_storing(lambda: services.enrichment.state(venue.id), "state of a venue", services)


async def _fill(
    outcome: EnrichmentOutcome, options: RefreshOptions, services: Services
) -> tuple[EnrichmentOutcome, tuple[tuple[KnownPhoto, Photo], ...]]:
    settings, venue, now = services.settings.photos, outcome.venue, services.clock.now()
    candidates = merge_listed(_listed(outcome, settings), now, settings.per_provider)
    gallery = await attempt_storing(lambda: services.photos.gallery(venue.id), "gallery of a venue", services)
    plan = plan_gallery(candidates, gallery, GalleryTerms(settings.per_venue, settings.download), now, options)
    photos = await fill_gallery(venue, plan, options, services)
    left = _left(plan, len(photos))
    outcome = replace(outcome, discovered=plan.discovered, kept=len(plan.kept), photos=photos, left=left)
    return outcome, plan.kept


def _listed(outcome: EnrichmentOutcome, settings: PhotoSettings) -> list[Listed]:
    told = (listing for listing in outcome.listings if listing.photos)
    return [Listed(each.provider, settings.accounts[each.provider].priority, each.photos) for each in told]


def _left(plan: GalleryPlan, fetched: int) -> dict[str, int]:
    without_room = len(plan.fetch) + len(plan.spare) - fetched
    left = {reason.value: number for reason, number in plan.left.items()}
    return left | ({LeftOut.NO_ROOM.value: without_room} if without_room else {})


async def _with_totals(outcome: EnrichmentOutcome, state: EnrichmentState, services: Services) -> EnrichmentOutcome:
    """The venue's totals, when it is due again, and both in words."""
    images = await attempt_storing(
        lambda: services.photos.owner_photos(OwnerKind.VENUE, outcome.venue.id), "images of a venue", services
    )
    has_images = any(image.status in _HOLDS_IMAGE for image in images)
    was_checked = bool(outcome.listings) and counts_as_check(outcome.status)
    checked_at = services.clock.now() if was_checked else state.last_checked_at
    outcome = replace(
        outcome,
        totals=totals_of(images),
        due_at=next_enrichment_due(checked_at, has_images=has_images, terms=terms_of(services.settings.photos)),
    )
    outcome = replace(outcome, summary=summary_of(outcome))
    return replace(outcome, next=next_step(outcome))


def totals_of(images: Sequence[KnownPhoto]) -> VenueTotals:
    """All living images of a venue, whatever run brought them (R142)."""
    return VenueTotals(
        uploaded=sum(image.status is ImageStatus.UPLOADED for image in images),
        failed=sum(image.status in _FAILED for image in images),
        total=len(images),
    )


async def _unchanged(outcome: EnrichmentOutcome, summary: str, services: Services) -> EnrichmentOutcome:
    images = await attempt_storing(
        lambda: services.photos.owner_photos(OwnerKind.VENUE, outcome.venue.id), "images of a venue", services
    )
    outcome = replace(outcome, totals=totals_of(images), summary=summary)
    return replace(outcome, next=next_step(outcome))


async def _planned(outcome: EnrichmentOutcome, options: RefreshOptions, services: Services) -> EnrichmentOutcome:
    """What a run would ask; nothing is asked or written."""
    accounts = services.settings.photos.accounts
    asked = [slug for slug in asked_providers(options, services) if unasked(slug, outcome.venue, services) is None]
    most = most_cost_of([accounts[slug] for slug in asked], services.settings.photos.per_provider)
    done = await _unchanged(replace(outcome, planned=tuple(asked)), planned_step(asked, most), services)
    return replace(done, next="nothing was asked or changed")


def _milliseconds(started: float, services: Services) -> int:
    return round((services.clock.monotonic() - started) * 1000)


def _tell(outcome: EnrichmentOutcome, services: Services) -> None:
    if outcome.status is EnrichmentStatus.SKIPPED and outcome.mode is EnrichmentMode.STALENESS:
        return
    services.log.info(
        LogEvent.ENRICHMENT_FINISHED,
        mode=outcome.mode,
        status=outcome.status,
        discovered=outcome.discovered,
        uploaded=outcome.uploaded,
        failed=outcome.failed,
        failure_breakdown=dict(outcome.failure_breakdown),
        venue_uploaded=outcome.totals.uploaded,
        venue_failed=outcome.totals.failed,
        venue_total=outcome.totals.total,
        requests=outcome.requests,
        cost=outcome.cost,
        seconds=round(outcome.duration_ms / 1000, 3),
        summary=outcome.summary,
        next=outcome.next,
    )
