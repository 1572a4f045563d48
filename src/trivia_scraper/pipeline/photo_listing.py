"""Asking the photo providers for a venue: all at once, none touching the others (images.md 5.2; R97-R99, R105, R106).

What an answer means is the provider's module's to say; when to ask once more is `policy.listing_rounds`'.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from trivia_scraper.domain.enrichment import ListingStatus, NotAsked, ProviderListing, VenueContext
from trivia_scraper.domain.failures import ErrorType
from trivia_scraper.domain.log_events import LogEvent
from trivia_scraper.domain.options import RefreshOptions
from trivia_scraper.domain.pages import PageRequest
from trivia_scraper.domain.photo_provider import (
    ListedPhoto,
    ListingAnswer,
    ListingRefusal,
    PhotoProvider,
    PhotoSubject,
    ProviderAccount,
)
from trivia_scraper.pipeline.provider_calls import NotNow, call_listing, out_of_time
from trivia_scraper.pipeline.provider_requests import note_listing
from trivia_scraper.policy.enrichment_results import listing_cost
from trivia_scraper.policy.listing_rounds import (
    ROUND_WAITS_SECONDS,
    after_wait,
    asked_again,
    may_need_a_round,
    repeats_after_seconds,
    together,
)
from trivia_scraper.ports import Services

AT_ONCE: Final = 5
MOST_PAGES: Final = 10
LONGEST_MESSAGE: Final = 500


async def list_photos(
    venue: VenueContext, options: RefreshOptions, services: Services
) -> tuple[ProviderListing, ...]:
    """What each provider of this run has of a venue, by provider priority. Raises only for a lost database.

    Up to three rounds while nothing is listed and somebody failed for now; only those are asked again.
    """
    listings = {slug: unasked(slug, venue, services) for slug in asked_providers(options, services)}
    todo = [slug for slug, listing in listings.items() if listing is None]
    found = await _ask_all(todo, venue, services)
    told = {slug: listing or found[slug] for slug, listing in listings.items()}
    for seconds in ROUND_WAITS_SECONDS:
        if not may_need_a_round(told.values()) or services.stopping():
            break
        await services.sleep(seconds)
        again = asked_again(told.values(), seconds)
        found = await _ask_all(again, venue, services)
        told = {
            slug: together(listing, found[slug]) if slug in found else after_wait(listing, seconds)
            for slug, listing in told.items()
        }
    for listing in told.values():
        _tell(listing, services)
    return tuple(told.values())


def asked_providers(options: RefreshOptions, services: Services) -> tuple[str, ...]:
    """The providers of a run, by priority: the enabled ones, or those it names. An unknown name is nobody's (R97)."""
    accounts = services.settings.photos.accounts
    named = options.providers or tuple(accounts)
    known = [slug for slug in dict.fromkeys(named) if slug in services.providers]
    return tuple(sorted(known, key=lambda slug: (accounts[slug].priority if slug in accounts else 0, slug)))


def unasked(slug: str, venue: VenueContext, services: Services) -> ProviderListing | None:
    """Why a provider cannot be asked at all, or None."""
    account = services.settings.photos.accounts.get(slug)
    if account is None:
        return _not_asked(slug, NotAsked.DISABLED, f"{slug} is switched off in the settings")
    if not account.key:
        return _not_asked(slug, NotAsked.MISSING_KEY, f"no key of {slug} is set")
    if services.providers[slug].needs_id and not venue.provider_ids.get(slug):
        return _not_asked(slug, NotAsked.NO_PLACE_ID, f"no id of this venue at {slug} is known")
    return None


def _not_asked(slug: str, why: NotAsked, message: str) -> ProviderListing:
    return ProviderListing(slug, ListingStatus.NOT_ASKED, not_asked=why, message=message)


async def _ask_all(slugs: Sequence[str], venue: VenueContext, services: Services) -> Mapping[str, ProviderListing]:
    places = asyncio.Semaphore(AT_ONCE)

    async def ask(slug: str) -> ProviderListing:
        async with places:
            return await _ask(slug, venue, services)

    try:
        async with asyncio.TaskGroup() as group:
            tasks = {slug: group.create_task(ask(slug)) for slug in slugs}
    except ExceptionGroup as failed:
        # A failing provider is a value; what comes out here is a lost database or a bug: told as itself.
        raise failed.exceptions[0] from failed
    return {slug: task.result() for slug, task in tasks.items()}


@dataclass(slots=True)
class _Inquiry:
    """One provider being asked in one round.

    seconds_left  of the provider's share: our own waits for a database do not count
    cap           most photos; None = all
    """

    provider: PhotoProvider
    account: ProviderAccount
    seconds_left: float
    cap: int | None
    photos: list[ListedPhoto] = field(default_factory=list)
    requests: int = 0
    cost: float = 0.0

    @property
    def is_full(self) -> bool:
        """Whether no more photos are wanted."""
        return self.cap is not None and len(self.photos) >= self.cap

    def take(self, answer: ListingAnswer) -> int:
        """Keep what the cap allows; returns how many that are."""
        kept = answer.photos if self.cap is None else answer.photos[: max(self.cap - len(self.photos), 0)]
        self.photos += kept
        return len(kept)


async def _ask(slug: str, venue: VenueContext, services: Services) -> ProviderListing:
    settings = services.settings.photos
    inquiry = _Inquiry(
        services.providers[slug], settings.accounts[slug], settings.provider_seconds, settings.per_provider
    )
    services = services.with_log(provider=slug)
    ended: ListingRefusal | NotNow | None = None
    for provider_id in venue.provider_ids.get(slug, ()) or ("",):
        subject = PhotoSubject(provider_id, venue.name, venue.city, venue.country)
        ended = await _ask_for(subject, inquiry, services) or ended
        if inquiry.is_full:
            break
    return _listing(inquiry, ended, services)


async def _ask_for(subject: PhotoSubject, inquiry: _Inquiry, services: Services) -> ListingRefusal | NotNow | None:
    """One place, page by page; returns what ended it before its end, or None."""
    try:
        request: PageRequest | None = inquiry.provider.listing_request(subject, inquiry.account)
    except Exception as error:
        services.log.error(LogEvent.PROVIDER_CRASHED, exc_info=error)
        return ListingRefusal(ErrorType.UNKNOWN_ERROR, f"unexpected {type(error).__name__} while asking")
    for _ in range(MOST_PAGES):
        if request is None or inquiry.is_full:
            return None
        if inquiry.seconds_left <= 0:
            return out_of_time(services)
        answer = await _call(request, subject, inquiry, services)
        if isinstance(answer, ListingAnswer):
            request = answer.following
        elif isinstance(answer, ListingRefusal) and answer.try_instead is not None:
            request = answer.try_instead
        else:
            return answer
    return None


async def _call(
    request: PageRequest, subject: PhotoSubject, inquiry: _Inquiry, services: Services
) -> ListingAnswer | ListingRefusal | NotNow:
    called = await call_listing(request, subject, inquiry.provider, inquiry.account, inquiry.seconds_left, services)
    if isinstance(called, NotNow):
        return called
    taken = inquiry.take(called.answer) if isinstance(called.answer, ListingAnswer) else 0
    cost = listing_cost(1, taken, inquiry.account.cost_per_request, inquiry.account.cost_per_image)
    inquiry.seconds_left -= called.seconds
    inquiry.requests += 1
    inquiry.cost = round(inquiry.cost + cost, 4)
    await note_listing(inquiry.account.slug, taken, cost, called.at, services)
    return called.answer


def _listing(inquiry: _Inquiry, ended: ListingRefusal | NotNow | None, services: Services) -> ProviderListing:
    slug, photos = inquiry.provider.slug, tuple(inquiry.photos)
    status = ListingStatus.LISTED if photos else ListingStatus.EMPTY
    listing = ProviderListing(slug, status, photos, inquiry.requests, inquiry.cost)
    if ended is None:
        return listing
    return _with_failure(listing, ended, services)


def _with_failure(listing: ProviderListing, ended: ListingRefusal | NotNow, services: Services) -> ProviderListing:
    """A failure with what was listed before it: photos that came are not lost to a page that did not."""
    if isinstance(ended, NotNow):
        repeats = ended.repeats_after_seconds
        message, error_type, status_code, not_asked = ended.message, None, None, ended.why
    else:
        repeats = repeats_after_seconds(ended, services.settings.classes)
        message, error_type, status_code, not_asked = ended.message, ended.error_type, ended.status_code, None
    status = ListingStatus.LISTED if listing.photos else ListingStatus.FAILED
    if not_asked is not None and not listing.requests:
        status = ListingStatus.NOT_ASKED
    return ProviderListing(
        provider=listing.provider,
        status=status,
        photos=listing.photos,
        requests=listing.requests,
        cost=listing.cost,
        not_asked=not_asked,
        error_type=error_type,
        status_code=status_code,
        message=message[:LONGEST_MESSAGE],
        repeats_after_seconds=repeats,
    )


def _tell(listing: ProviderListing, services: Services) -> None:
    fields: dict[str, object] = {"provider": listing.provider, "requests": listing.requests, "cost": listing.cost}
    if listing.why is not None:
        fields |= {"why": listing.why, "status_code": listing.status_code, "error": listing.message}
    match listing.status:
        case ListingStatus.NOT_ASKED:
            services.log.info(LogEvent.PROVIDER_NOT_ASKED, **fields)
        case ListingStatus.FAILED:
            services.log.warning(LogEvent.PROVIDER_FAILED, **fields)
        case _:
            services.log.info(LogEvent.PROVIDER_LISTED, images=len(listing.photos), **fields)
