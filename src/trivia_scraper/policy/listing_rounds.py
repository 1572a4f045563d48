"""When providers are asked once more within one enrichment (images.md 5.2, R99). Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from trivia_scraper.domain.enrichment import ListingStatus, NotAsked, ProviderListing
from trivia_scraper.domain.failures import FailureClass
from trivia_scraper.domain.photo_provider import ListingRefusal
from trivia_scraper.policy.classifying import ErrorClasses

ROUND_WAITS_SECONDS: Final = (1.0, 2.0)
"""Before the second and the third round."""


def repeats_after_seconds(refusal: ListingRefusal, classes: ErrorClasses) -> float | None:
    """How long to leave a provider alone before it is asked again; None = that is no use in this run.

    Transient classes, and what a provider's module says may hide one.
    """
    if refusal.repeats or classes.of(refusal.error_type) is FailureClass.TRANSIENT:
        return refusal.retry_after_seconds or 0.0
    return None


def asked_again(listings: Iterable[ProviderListing], waited_seconds: float) -> tuple[str, ...]:
    """Who is asked in the next round, after a wait: failed ones only, and nobody once anything is listed."""
    listings = tuple(listings)
    if any(listing.photos for listing in listings):
        return ()
    return tuple(
        listing.provider
        for listing in listings
        if listing.repeats_after_seconds is not None and listing.repeats_after_seconds <= waited_seconds
    )


def may_need_a_round(listings: Iterable[ProviderListing]) -> bool:
    """Whether anything may come of waiting: nothing is listed, and somebody failed for now."""
    listings = tuple(listings)
    longest = sum(ROUND_WAITS_SECONDS)
    return not any(listing.photos for listing in listings) and any(
        listing.repeats_after_seconds is not None and listing.repeats_after_seconds <= longest for listing in listings
    )


def after_wait(listing: ProviderListing, waited_seconds: float) -> ProviderListing:
    """A listing whose provider was not asked in this round: it has waited that much."""
    if listing.repeats_after_seconds is None:
        return listing
    return replace(listing, repeats_after_seconds=max(listing.repeats_after_seconds - waited_seconds, 0.0))


def together(earlier: ProviderListing, later: ProviderListing) -> ProviderListing:
    """The later answer, with the requests and costs of both.

    A later round that could not ask for want of a place in a window leaves the earlier failure as it was told.
    """
    told = earlier if _only_held_back(later) and earlier.status is ListingStatus.FAILED else later
    return replace(
        told,
        requests=earlier.requests + later.requests,
        cost=round(earlier.cost + later.cost, 4),
        repeats_after_seconds=later.repeats_after_seconds,
    )


def _only_held_back(listing: ProviderListing) -> bool:
    return listing.not_asked in (NotAsked.RATE_LIMITED, NotAsked.BREAKER_OPEN)
