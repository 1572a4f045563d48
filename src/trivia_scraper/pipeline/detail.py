"""One listing → venue, event, performer, images. The boundary where errors become outcomes.

Nothing that happens to one listing reaches its siblings: a failure or a crash ends here, as a value.
"""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

from trivia_scraper.domain.catalog import ClaimedOwner, DetailClaim, DetailSave, ImageSlot, slot_of
from trivia_scraper.domain.errors import PageGone, PageShapeChanged, TriviaScraperError
from trivia_scraper.domain.failures import ErrorType
from trivia_scraper.domain.log_events import LogEvent
from trivia_scraper.domain.models import Detail, ImageRef, Listing, OwnerKind
from trivia_scraper.domain.options import RefreshOptions
from trivia_scraper.domain.outcomes import DetailOutcome, DetailOutcomeKind
from trivia_scraper.domain.pages import Page
from trivia_scraper.domain.redaction import strip_secrets
from trivia_scraper.domain.source import Source
from trivia_scraper.pipeline.attempts import attempt, attempt_storing
from trivia_scraper.pipeline.failing import page_failure
from trivia_scraper.pipeline.image import PreparedImage, refresh_image
from trivia_scraper.pipeline.storing import store_detail
from trivia_scraper.ports import Services


async def refresh_detail(
    source: Source, listing: Listing, options: RefreshOptions, services: Services
) -> DetailOutcome:
    """Visit one listing completely. Never raises but for cancellation."""
    services = services.with_log(source=source.slug, venue=listing.name, listing=listing.key)
    services.log.debug(LogEvent.DETAIL_ARGS_RECEIVED, options=options.model_dump(mode="json"))
    if options.force_refresh_images:
        services.log.warning(LogEvent.REFRESH_ENABLED, where="detail", force_refresh=True)
    services.log.debug(LogEvent.REFRESH_EFFECTIVE, force_refresh=options.force_refresh_images)
    try:
        outcome = await _visit(source, listing, options, services)
    except TriviaScraperError as error:
        outcome = _failed(error, source, listing, services)
    except Exception as error:
        services.log.error(LogEvent.DETAIL_CRASHED, exc_info=error)
        crash = TriviaScraperError(f"unexpected {type(error).__name__}: {error}", hint="please report this")
        outcome = _failed(crash, source, listing, services)
    return outcome


async def _visit(source: Source, listing: Listing, options: RefreshOptions, services: Services) -> DetailOutcome:
    page = await _fetch(source, listing, services)
    detail = await _read(source, listing, page, services)
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
        save = DetailSave(detail, claim, (), services.run_id, services.clock.now())
        saved, stored = await store_detail(save, prepared, options, services)
    for image in stored:
        _tell_image(image, options, services)
    services.log.info(LogEvent.DETAIL_FINISHED, outcome=saved.kind, changes=list(saved.changes))
    received = page.bytes_received if page is not None else 0
    return DetailOutcome(saved.kind, claim.venue.slug, tuple(i.outcome for i in stored), bytes_received=received)


def _tell_image(image: PreparedImage, options: RefreshOptions, services: Services) -> None:
    outcome = image.outcome
    services.log.info(
        LogEvent.IMAGE_FINISHED,
        outcome=outcome.kind,
        role=outcome.role,
        url=outcome.url,
        path=outcome.storage_key,
        bytes=outcome.bytes_received,
        force_refresh=options.force_refresh_images,
    )


async def _fetch(source: Source, listing: Listing, services: Services) -> Page | None:
    request = source.detail_request(listing)
    if request is None:
        return None
    deadline = services.settings.page_deadline_seconds

    async def once() -> Page:
        return await services.fetcher.fetch_page(
            request, accept_language=source.accept_language, deadline_seconds=deadline
        )

    return (await attempt(once, "detail page", services, budget_seconds=deadline)).value


async def _read(source: Source, listing: Listing, page: Page | None, services: Services) -> Detail:
    try:
        return source.read_detail(listing, page)
    except PageShapeChanged as error:
        if page is not None:
            kept = await services.archive.keep(source.slug, page, error.looked_for)
            services.log.error(LogEvent.PAGE_SHAPE_CHANGED, looked_for=error.looked_for, kept=str(kept))
        raise


async def _refresh_images(
    detail: Detail,
    claim: DetailClaim,
    stages: AsyncExitStack,
    options: RefreshOptions,
    services: Services,
) -> list[PreparedImage]:
    offered = _one_for_each_slot(detail, claim)
    if options.force_refresh_images and not offered:
        services.log.info(LogEvent.IMAGE_FORCED_WITHOUT_URL, force_refresh=True)
    known = await attempt_storing(lambda: services.ledger.known_images(list(offered)), "ledger look-up", services)
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [
                group.create_task(
                    refresh_image(ref, owner, known.get(slot), detail.listing, stages, options, services)
                )
                for slot, (ref, owner) in offered.items()
            ]
    except ExceptionGroup as failed:
        # A failing image is a value; what comes out here is a lost database or a bug: told as itself.
        raise failed.exceptions[0] from failed
    return [task.result() for task in tasks]


def _one_for_each_slot(detail: Detail, claim: DetailClaim) -> dict[ImageSlot, tuple[ImageRef, ClaimedOwner]]:
    slots: dict[ImageSlot, tuple[ImageRef, ClaimedOwner]] = {}
    for ref in detail.images:
        owner = claim.venue if ref.owner_kind is OwnerKind.VENUE else claim.performer
        if owner is not None:
            slots.setdefault(slot_of(owner, ref), (ref, owner))
    return slots


def _owners(claim: DetailClaim) -> list[ClaimedOwner]:
    return [claim.venue] if claim.performer is None else [claim.venue, claim.performer]


async def _flag_look_alikes(claim: DetailClaim, source: Source, services: Services) -> None:
    if claim.look_alikes:
        names = ", ".join(claim.look_alikes)
        services.log.warning(LogEvent.VENUE_FLAGGED, slug=claim.venue.slug, look_alikes=names)
        message = f"{claim.venue.slug} is new and stands within 50 m of {names}: the same place?"
        await services.runs.raise_issue(
            "look_alike", source.slug, claim.venue.slug, message, services.run_id, services.clock.now()
        )


def _failed(error: TriviaScraperError, source: Source, listing: Listing, services: Services) -> DetailOutcome:
    failure = page_failure(error, source=source.slug, venue=listing.name, url=listing.url, subject="detail")
    if isinstance(error, PageGone) and source.missing_details_are_normal:
        services.log.info(LogEvent.DETAIL_SKIPPED, reason="gone", url=strip_secrets(listing.url))
        return DetailOutcome(DetailOutcomeKind.GONE, None)
    if error.error_type is not ErrorType.UNKNOWN_ERROR:
        services.log.warning(
            LogEvent.DETAIL_FAILED,
            url=failure.url,
            error_type=failure.error_type,
            reason=failure.reason,
            status_code=failure.status_code,
            attempts=failure.attempts,
            error=failure.message,
        )
    return DetailOutcome(DetailOutcomeKind.FAILED, listing.name, failure=failure)
