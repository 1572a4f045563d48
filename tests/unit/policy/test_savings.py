"""What recovery saved against enriching anew (images.md 12, R230), and how galleries stand (images.md 11, R204)."""

from __future__ import annotations

import pytest

from trivia_scraper.domain.enrichment_runs import GalleryState
from trivia_scraper.domain.photo_provider import ProviderAccount
from trivia_scraper.domain.weekly import AvoidedListings
from trivia_scraper.policy.gallery_states import gallery_state
from trivia_scraper.policy.savings import saved_calls


def account(slug: str, per_request: float, per_image: float) -> ProviderAccount:
    return ProviderAccount(slug, "", "c4nary", 1, per_request, per_image, 10, 0, 0)


ACCOUNTS = {"google_places": account("google_places", 0.0, 0.003), "here": account("here", 0.005, 0.0)}


def test_r230_listings_that_were_not_made_and_their_cost() -> None:
    avoided = [AvoidedListings("google_places", 4, 31), AvoidedListings("here", 3, 9)]
    saved = saved_calls(avoided, ACCOUNTS, made=13, made_cost=1.23456)
    assert (saved.listings, saved.by_provider) == (7, {"google_places": 4, "here": 3})
    assert saved.cost == 0.108  # 31 x 0.003 + 3 x 0.005
    assert (saved.made, saved.made_cost, saved.fewer_pct) == (13, 1.2346, 35.0)


def test_r230_a_provider_that_is_switched_off_would_not_have_been_asked() -> None:
    saved = saved_calls([AvoidedListings("foursquare", 4, 31)], ACCOUNTS, made=0, made_cost=0.0)
    assert (saved.listings, saved.cost, saved.fewer_pct) == (0, 0.0, None)


def test_r230_everything_saved_is_a_hundred_per_cent() -> None:
    assert saved_calls([AvoidedListings("here", 1, 0)], ACCOUNTS, made=0, made_cost=0.0).fewer_pct == 100.0


@pytest.mark.parametrize(
    ("uploaded", "failed", "discovered", "state"),
    [
        (0, 0, 0, GalleryState.NONE),
        (0, 3, 3, GalleryState.NONE),
        (2, 1, 3, GalleryState.PARTIAL),
        (3, 0, 3, GalleryState.COMPLETE),
        (4, 0, 3, GalleryState.COMPLETE),
        (2, 0, 3, GalleryState.SUCCESS),
    ],
)
def test_r204_r207_the_state_of_a_gallery(uploaded: int, failed: int, discovered: int, state: GalleryState) -> None:
    assert gallery_state(uploaded, failed, discovered) is state
