"""When providers are asked once more (images.md 5.2, R99)."""

from __future__ import annotations

import pytest

from trivia_scraper.domain.enrichment import ListingStatus, NotAsked, ProviderListing
from trivia_scraper.domain.failures import ErrorType
from trivia_scraper.domain.photo_provider import ListedPhoto, ListingRefusal
from trivia_scraper.policy.classifying import DEFAULT_CLASSES
from trivia_scraper.policy.listing_rounds import (
    ROUND_WAITS_SECONDS,
    after_wait,
    asked_again,
    may_need_a_round,
    repeats_after_seconds,
    together,
)

PHOTO = ListedPhoto("1", "https://x.example/1", 800, 600)
LISTED = ProviderListing("google_places", ListingStatus.LISTED, (PHOTO,), 1, 0.003)
EMPTY = ProviderListing("foursquare", ListingStatus.EMPTY, requests=1)
BUSY = ProviderListing(
    "here", ListingStatus.FAILED, requests=1, cost=0.005, error_type=ErrorType.RATE_LIMITED, repeats_after_seconds=0.0
)
REFUSED = ProviderListing("google_places", ListingStatus.FAILED, requests=1, error_type=ErrorType.AUTH_ERROR)
HELD = ProviderListing(
    "here", ListingStatus.NOT_ASKED, not_asked=NotAsked.RATE_LIMITED, repeats_after_seconds=0.4
)  # fmt: skip


def waiting(seconds: float) -> ProviderListing:
    return ProviderListing("unsplash", ListingStatus.FAILED, requests=1, repeats_after_seconds=seconds)


@pytest.mark.parametrize(
    ("refusal", "after"),
    [
        pytest.param(ListingRefusal(ErrorType.RATE_LIMITED, ""), 0.0, id="R99-transient"),
        pytest.param(ListingRefusal(ErrorType.RATE_LIMITED, "", retry_after_seconds=30), 30, id="R99-as-asked"),
        pytest.param(ListingRefusal(ErrorType.NETWORK_TIMEOUT, ""), 0.0, id="R99-time-out"),
        pytest.param(ListingRefusal(ErrorType.AUTH_ERROR, "", repeats=True), 0.0, id="R99-REQUEST_DENIED"),
        pytest.param(ListingRefusal(ErrorType.AUTH_ERROR, ""), None, id="R99-permanent"),
        pytest.param(ListingRefusal(ErrorType.SERVER_ERROR, ""), None, id="R99-ambiguous"),
    ],
)
def test_what_may_be_asked_again(refusal: ListingRefusal, after: float | None) -> None:
    assert repeats_after_seconds(refusal, DEFAULT_CLASSES) == after


@pytest.mark.parametrize(
    ("listings", "again"),
    [
        pytest.param([BUSY], ("here",), id="R99-one-failed-for-now"),
        pytest.param([EMPTY, BUSY], ("here",), id="R99-only-the-failed-one"),
        pytest.param([LISTED, BUSY], (), id="R99-something-is-listed"),
        pytest.param([EMPTY], (), id="R99-empty-is-an-answer"),
        pytest.param([REFUSED], (), id="R99-a-refusal-stays-one"),
        pytest.param([REFUSED, BUSY], ("here",), id="R99-beside-a-refusal"),
        pytest.param([HELD], ("here",), id="R198-a-window-has-a-place-again"),
        pytest.param([waiting(1.0)], ("unsplash",), id="R99-as-long-as-it-asked-for"),
        pytest.param([waiting(1.5)], (), id="R99-not-sooner-than-it-asked-for"),
        pytest.param([], (), id="R99-nobody"),
    ],
)
def test_who_is_asked_again_after_a_second(listings: list[ProviderListing], again: tuple[str, ...]) -> None:
    assert asked_again(listings, 1.0) == again


@pytest.mark.parametrize(
    ("listing", "needed"),
    [(BUSY, True), (HELD, True), (waiting(3.0), True), (waiting(3.1), False), (REFUSED, False), (EMPTY, False)],
)
def test_r99_rounds_end_where_waiting_is_no_use(listing: ProviderListing, needed: bool) -> None:
    assert may_need_a_round([listing]) is needed
    assert not may_need_a_round([listing, LISTED])
    assert ROUND_WAITS_SECONDS == (1.0, 2.0)


def test_r99_who_asked_for_two_seconds_is_asked_in_the_third_round() -> None:
    patient = waiting(2.0)
    assert asked_again([patient], 1.0) == ()
    patient = after_wait(patient, 1.0)
    assert asked_again([patient], 2.0) == ("unsplash",)
    assert after_wait(REFUSED, 1.0) == REFUSED


def test_r103_requests_and_costs_of_all_rounds_count() -> None:
    later = ProviderListing("here", ListingStatus.LISTED, (PHOTO,), 2, 0.01)
    both = together(BUSY, later)
    assert (both.status, both.photos, both.requests, both.cost) == (ListingStatus.LISTED, (PHOTO,), 3, 0.015)
    assert both.error_type is None


def test_r106_who_could_not_be_asked_again_keeps_what_it_said_first() -> None:
    both = together(BUSY, HELD)
    assert (both.error_type, both.status, both.requests) == (ErrorType.RATE_LIMITED, ListingStatus.FAILED, 1)
    assert both.repeats_after_seconds == HELD.repeats_after_seconds
