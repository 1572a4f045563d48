"""One listing → venue, event, performer, images. The boundary where errors become outcomes.

Nothing that happens to one listing reaches its siblings: a failure or a crash ends here, as a value.
"""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from typing import Final

from trivia_scraper.domain.catalog import ClaimedOwner, DetailClaim, DetailSave, ImageSlot, slot_of
from trivia_scraper.domain.errors import PageGone, PageShapeChanged, TriviaScraperError
from trivia_scraper.domain.log_events import LogEvent
from trivia_scraper.domain.models import Detail, ImageRef, ImageRole, Listing
from trivia_scraper.domain.options import RefreshOptions
from trivia_scraper.domain.outcomes import DetailOutcome, DetailOutcomeKind
from trivia_scraper.domain.pages import Page, PageRequest
from trivia_scraper.domain.redaction import strip_secrets
from trivia_scraper.domain.source import Source
from trivia_scraper.pipeline.attempts import Attempted, attempt_page_counted, attempt_storing
from trivia_scraper.pipeline.failing import is_disallowed, keep_unread, page_failure
from trivia_scraper.pipeline.image import OfferingPage, PreparedImage, refresh_image
from trivia_scraper.pipeline.lookup import locate
from trivia_scraper.pipeline.storing import store_detail
from trivia_scraper.pipeline.visit_telling import (
    FetchedPages,
    failed_fields,
    note_failed_visit,
    tell_failed,
    tell_finished,
    tell_image,
)
from trivia_scraper.policy.coverage import stated_fields
from trivia_scraper.ports import Services

_SKIPPED_AS: Final = {DetailOutcomeKind.GONE: "gone", DetailOutcomeKind.DISALLOWED: "robots"}


async def refresh_detail(
    source: Source, listing: Listing, options: RefreshOptions, services: Services, *, why: str = ""
) -> DetailOutcome:
    """Visit one listing completely. Never raises but for cancellation.

    why  what the plan visits it for, as the venue's story keeps it; "" = nobody planned it
    """
    started = services.clock.monotonic()
    services = services.with_log(
        run_id=str(services.run_id), source=source.slug, venue=listing.name, listing=listing.key
    )
    services.log.debug(LogEvent.DETAIL_ARGS_RECEIVED, options=options.model_dump(mode="json"))
    if options.force_refresh_images:
        services.log.warning(LogEvent.REFRESH_ENABLED, where="detail", force_refresh=True)
    services.log.debug(LogEvent.REFRESH_EFFECTIVE, force_refresh=options.force_refresh_images)
    try:
        return await _visit(source, listing, why, started, options, services)
    except TriviaScraperError as error:
        outcome = _outcome_of(error, source, listing)
        if outcome.failure is not None:
            tell_failed(outcome.failure, started, options, services)
        else:
            services.log.info(
                LogEvent.DETAIL_SKIPPED, reason=_SKIPPED_AS[outcome.kind], url=strip_secrets(listing.url)
            )
    except Exception as error:
        services.log.error(LogEvent.DETAIL_CRASHED, exc_info=error, **failed_fields(started, options, services))
        crash = TriviaScraperError(f"unexpected {type(error).__name__}: {error}", hint="please report this")
        outcome = _failed(crash, source, listing)
    await note_failed_visit(listing, outcome, why, services)
    return outcome


async def _visit(
    source: Source, listing: Listing, why: str, started: float, options: RefreshOptions, services: Services
) -> DetailOutcome:
    pages = FetchedPages(
        await _fetch(source, source.detail_request(listing), services),
        await _fetch_companion(source, listing, services),
    )
    read = await _read(source, listing, pages, services)
    detail = await locate(read, source, services)
    for issue in detail.issues:
        services.log.warning(LogEvent.FACT_REFUSED, issue=issue)
    now = services.clock.now()
    claim = await attempt_storing(lambda: services.catalog.claim(detail, now), "claiming a venue", services)
    await _flag_look_alikes(claim, source, services)
    services = services.with_log(venue=claim.venue.slug)
    async with AsyncExitStack() as held:
        # Venue before performer, always: two details that share a performer cannot wait for each other.
        for owner in _owners(claim):
            await held.enter_async_context(services.locks.hold(owner.kind, owner.id))
        stages = await held.enter_async_context(AsyncExitStack())
        prepared = await _refresh_images(detail, claim, stages, options, services)
        save = DetailSave(detail, claim, (), services.run_id, services.clock.now(), why)
        saved, stored = await store_detail(save, prepared, options, services)
    for image in stored:
        tell_image(image, options, services)
    if "event_moved" in saved.changes:
        services.log.info(LogEvent.EVENT_MOVED)
    tell_finished(saved, stored, pages, started, options, services)
    return DetailOutcome(
        saved.kind,
        claim.venue.slug,
        tuple(i.outcome for i in stored),
        bytes_received=pages.bytes_received,
        stated=stated_fields(read),
    )


async def _fetch(source: Source, request: PageRequest | None, services: Services) -> Attempted[Page] | None:
    if request is None:
        return None
    return await attempt_page_counted(request, "detail page", source.accept_language, services)


async def _fetch_companion(source: Source, listing: Listing, services: Services) -> Attempted[Page] | None:
    """The second page, or None: its failure must not cost the venue (sources.md 6.5)."""
    request = source.companion_request(listing)
    try:
        return await _fetch(source, request, services)
    except TriviaScraperError as error:
        assert request is not None
        services.log.warning(LogEvent.DETAIL_COMPANION_FAILED, url=strip_secrets(request.url), error=str(error))
        return None


async def _read(source: Source, listing: Listing, pages: FetchedPages, services: Services) -> Detail:
    page, companion = (None if each is None else each.value for each in (pages.own, pages.companion))
    try:
        return await services.reader.read_detail(source, listing, page, companion)
    except PageShapeChanged as error:
        if page is not None:
            await keep_unread(source, page, error, services)
        raise


async def _refresh_images(
    detail: Detail,
    claim: DetailClaim,
    stages: AsyncExitStack,
    options: RefreshOptions,
    services: Services,
) -> list[PreparedImage]:
    offered = _one_for_each_slot(detail, claim)
    if options.force_refresh_images and not any(ref.role is ImageRole.HERO for ref, _ in offered.values()):
        services.log.info(LogEvent.IMAGE_FORCED_WITHOUT_URL, force_refresh=True)
    page = OfferingPage(detail.listing, claim.venue.slug)
    known = await attempt_storing(lambda: services.ledger.known_images(list(offered)), "ledger look-up", services)
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [
                group.create_task(refresh_image(ref, owner, known.get(slot), page, stages, options, services))
                for slot, (ref, owner) in offered.items()
            ]
    except ExceptionGroup as failed:
        # A failing image is a value; what comes out here is a lost database or a bug: told as itself.
        raise failed.exceptions[0] from failed
    return [task.result() for task in tasks]


def _one_for_each_slot(detail: Detail, claim: DetailClaim) -> dict[ImageSlot, tuple[ImageRef, ClaimedOwner]]:
    slots: dict[ImageSlot, tuple[ImageRef, ClaimedOwner]] = {}
    for ref in detail.images:
        owner = claim.owner_of(ref)
        if owner is not None and ref.url.strip():  # R48, R53: no address neither deletes nor blanks
            slots.setdefault(slot_of(owner, ref), (ref, owner))
    return slots


def _owners(claim: DetailClaim) -> list[ClaimedOwner]:
    return [claim.venue] if claim.performer is None else [claim.venue, claim.performer]


async def _flag_look_alikes(claim: DetailClaim, source: Source, services: Services) -> None:
    if claim.look_alikes:
        names = ", ".join(claim.look_alikes)
        services.log.warning(LogEvent.VENUE_FLAGGED, slug=claim.venue.slug, look_alikes=names)
        message = f"{claim.venue.slug} is new and looks like {names}: `trivia-scraper venues duplicates` tells more"
        await attempt_storing(
            lambda: services.runs.raise_issue(
                "look_alike", source.slug, claim.venue.slug, message, services.run_id, services.clock.now()
            ),
            "raising an issue",
            services,
        )


def _outcome_of(error: TriviaScraperError, source: Source, listing: Listing) -> DetailOutcome:
    if isinstance(error, PageGone) and source.missing_details_are_normal:
        return DetailOutcome(DetailOutcomeKind.GONE, None)
    if is_disallowed(error):
        return DetailOutcome(DetailOutcomeKind.DISALLOWED, None)
    return _failed(error, source, listing)


def _failed(error: TriviaScraperError, source: Source, listing: Listing) -> DetailOutcome:
    failure = page_failure(error, source=source.slug, venue=listing.name, url=listing.url, subject="detail")
    return DetailOutcome(DetailOutcomeKind.FAILED, listing.name, failure=failure)
