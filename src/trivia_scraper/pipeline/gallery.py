"""A planned gallery into storage: one photo after the other, at the provider's pace (images.md 7; R127-R129).

One photo that fails stops nothing. Caller holds the venue's lock.
"""

from __future__ import annotations

from collections import deque

from trivia_scraper.domain.catalog import ClaimedOwner
from trivia_scraper.domain.enrichment import VenueContext
from trivia_scraper.domain.errors import TriviaScraperError
from trivia_scraper.domain.log_events import LogEvent
from trivia_scraper.domain.models import OwnerKind
from trivia_scraper.domain.options import RefreshOptions
from trivia_scraper.domain.photos import AttemptKind, PhotoOutcome, PhotoOutcomeKind
from trivia_scraper.pipeline.attempts import attempt_storing
from trivia_scraper.pipeline.photos import leave_alone, store_photo
from trivia_scraper.pipeline.provider_calls import LANGUAGE
from trivia_scraper.pipeline.provider_pace import closed_until, learn, wait_turn
from trivia_scraper.pipeline.provider_requests import note_notice
from trivia_scraper.policy.photo_merging import GalleryPlan, PlannedPhoto, takes_a_place
from trivia_scraper.policy.recovering import counts_as_attempt
from trivia_scraper.ports import Services
from trivia_scraper.providers.answers import without_key

_USED = (PhotoOutcomeKind.NEW, PhotoOutcomeKind.REPLACED)


async def fill_gallery(
    venue: VenueContext, plan: GalleryPlan, options: RefreshOptions, services: Services
) -> tuple[PhotoOutcome, ...]:
    """Fetch what is planned, then spare photos while places stay free. Raises only for a lost database.

    A place stays free where a new photo turned out to be one that is there already, or was closed at once.
    """
    outcomes: list[PhotoOutcome] = []
    waiting, spare, room = deque(plan.fetch), deque(plan.spare), plan.room
    while waiting or (spare and room > 0):
        planned = waiting.popleft() if waiting else spare.popleft()
        outcome = await _take(planned, venue, options, services, is_first=not outcomes)
        outcomes.append(outcome)
        has_row = outcome.image_id is not None
        room -= planned.known is None and has_row and takes_a_place(outcome.kind)
    venue_id = venue.id
    await attempt_storing(lambda: services.photos.rank_gallery(venue_id), "ranking a gallery", services)
    return tuple(outcomes)


async def _take(
    planned: PlannedPhoto, venue: VenueContext, options: RefreshOptions, services: Services, *, is_first: bool
) -> PhotoOutcome:
    photo, owner = planned.photo, ClaimedOwner(OwnerKind.VENUE, venue.id, venue.slug, is_new=False)
    kind = AttemptKind.REFRESH if planned.known is not None and planned.known.has_file else AttemptKind.DOWNLOAD
    tries = services.settings.attempts
    if not services.settings.photos.download:
        return await store_photo(photo, owner, planned.known, kind, tries, options, services)
    until = await closed_until(photo.url, services)
    if until is not None:
        return await leave_alone(photo, owner, planned.known, kind, until, options, services)
    await wait_turn(photo.provider, is_first=is_first, services=services)
    outcome = await store_photo(photo, owner, planned.known, kind, tries, options, services)
    await _learn(outcome, services)
    if planned.candidate.notice_url is not None and outcome.kind in _USED:
        await _tell_provider(planned, services)
    return outcome


async def _learn(outcome: PhotoOutcome, services: Services) -> None:
    photo, failure = outcome.photo, outcome.failure
    # What our own store or pacer refused says nothing of the provider (R125).
    if failure is None or counts_as_attempt(failure.error_type, failure.status_code):
        error_type = failure.error_type if failure is not None else None
        await learn(photo.provider, photo.url, error_type, outcome.retry_after_seconds, services)


async def _tell_provider(planned: PlannedPhoto, services: Services) -> None:
    """Unsplash wants to know of each use; that it could not be told costs nobody the picture."""
    photo, url = planned.photo, planned.candidate.notice_url
    account = services.settings.photos.accounts[photo.provider]
    request = services.providers[photo.provider].notice_request(url or "", account)
    if request is None:
        return
    await note_notice(photo.provider, services)
    try:
        page = await services.fetcher.fetch_page(
            request, accept_language=LANGUAGE, deadline_seconds=services.settings.photos.call_seconds
        )
        refused = None if page.status_code < 400 else f"HTTP {page.status_code}"
    except TriviaScraperError as error:
        refused = without_key(error.message, account.key)
    if refused is not None:
        services.log.warning(LogEvent.PROVIDER_NOTICE_FAILED, provider=photo.provider, url=url, error=refused)
