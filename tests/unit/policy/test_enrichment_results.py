"""What an enrichment came to (images.md 5.5, 5.6): status, cost, completeness, history, words."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from trivia_scraper.domain.catalog import ImageFailure
from trivia_scraper.domain.enrichment import (
    EnrichmentMode,
    EnrichmentOutcome,
    EnrichmentStatus,
    HistoryEntry,
    ListingStatus,
    NotAsked,
    ProviderListing,
    VenueContext,
)
from trivia_scraper.domain.failures import ErrorType
from trivia_scraper.domain.models import ImageRole, OwnerKind
from trivia_scraper.domain.photo_provider import ListedPhoto, ProviderAccount
from trivia_scraper.domain.photos import Photo, PhotoOutcome, PhotoOutcomeKind
from trivia_scraper.domain.recovery import OwnerRecovery, OwnerRef
from trivia_scraper.policy.enrichment_results import (
    completeness_of,
    counts_as_check,
    history_entry,
    history_with,
    listing_cost,
    most_cost_of,
    next_step,
    planned_step,
    status_of,
    summary_of,
    used_providers,
)

NOW = dt.datetime(2026, 6, 1, 12, 0, tzinfo=dt.UTC)
VENUE = VenueContext(7, "the-crown", "The Crown", None, "Leeds", "GB", None, None)
PHOTO = ListedPhoto("1", "https://x.example/1", 800, 600)


def listed(provider: str = "google_places", count: int = 2, **more: Any) -> ProviderListing:
    return ProviderListing(provider, ListingStatus.LISTED, (PHOTO,) * count, requests=1, cost=0.006, **more)


def empty(provider: str = "foursquare") -> ProviderListing:
    return ProviderListing(provider, ListingStatus.EMPTY, requests=1)


def failed(provider: str = "here", error_type: ErrorType = ErrorType.RATE_LIMITED) -> ProviderListing:
    return ProviderListing(
        provider, ListingStatus.FAILED, requests=3, error_type=error_type, message="quota is used up"
    )


def unasked(why: NotAsked, provider: str = "unsplash") -> ProviderListing:
    return ProviderListing(provider, ListingStatus.NOT_ASKED, not_asked=why)


@pytest.mark.parametrize(
    ("listings", "status"),
    [
        pytest.param([listed()], "success", id="5.6-listed"),
        pytest.param([listed(), failed(), empty()], "success", id="5.6-one-listed-others-not"),
        pytest.param([empty()], "no_images", id="R105-explicitly-empty"),
        pytest.param([empty(), empty("here")], "no_images", id="R105-all-empty"),
        pytest.param([empty(), failed()], "error", id="R105-empty-and-failed"),
        pytest.param([failed()], "error", id="R105-failed"),
        pytest.param([unasked(NotAsked.MISSING_KEY)], "error", id="R106-missing-key"),
        pytest.param([unasked(NotAsked.NO_PLACE_ID)], "error", id="R106-no-place-id"),
        pytest.param([empty(), unasked(NotAsked.NO_PLACE_ID)], "no_images", id="R105-who-has-no-id-has-no-say"),
        pytest.param([empty(), unasked(NotAsked.MISSING_KEY)], "error", id="R106-empty-and-missing-key"),
        pytest.param([empty(), unasked(NotAsked.BREAKER_OPEN)], "error", id="R105-empty-and-breaker-open"),
        pytest.param([empty(), unasked(NotAsked.RATE_LIMITED)], "error", id="R105-empty-and-window-full"),
        pytest.param([unasked(NotAsked.DISABLED)], "skipped", id="5.6-disabled"),
        pytest.param([], "skipped", id="R97-nobody"),
    ],
)
def test_status(listings: list[ProviderListing], status: str) -> None:
    assert status_of(listings) == status


@pytest.mark.parametrize(
    ("status", "counts"),
    [
        (EnrichmentStatus.SUCCESS, True),
        (EnrichmentStatus.NO_IMAGES, True),
        (EnrichmentStatus.ERROR, False),
        (EnrichmentStatus.SKIPPED, False),
    ],
)
def test_r93_only_what_was_answered_is_a_check(status: EnrichmentStatus, counts: bool) -> None:
    assert counts_as_check(status) is counts


@pytest.mark.parametrize(
    ("requests", "images", "per_request", "per_image", "cost"),
    [
        pytest.param(1, 10, 0.0, 0.003, 0.03, id="R103-google"),
        pytest.param(3, 0, 0.005, 0.0, 0.015, id="R103-here-three-rounds"),
        pytest.param(2, 7, 0.00011, 0.00003, 0.0004, id="R103-four-decimals"),
        pytest.param(0, 0, 9.0, 9.0, 0.0, id="R103-nobody-asked"),
    ],
)
def test_cost(requests: int, images: int, per_request: float, per_image: float, cost: float) -> None:
    assert listing_cost(requests, images, per_request, per_image) == cost


def account(per_request: float, per_image: float) -> ProviderAccount:
    return ProviderAccount("here", "", "c4nary", 1, per_request, per_image, 0, 0, 0)


@pytest.mark.parametrize(
    ("accounts", "cap", "words"),
    [
        pytest.param([account(0.005, 0.003)], 10, "for at most 0.0350 USD", id="R103-capped"),
        pytest.param([account(0.005, 0.0)], None, "for at most 0.0050 USD", id="R103-photos-are-free"),
        pytest.param([account(0.0, 0.003)], None, "which nothing limits", id="R103-no-cap"),
    ],
)
def test_a_dry_run_promises_no_cost_that_nothing_bounds(
    accounts: list[ProviderAccount], cap: int | None, words: str
) -> None:
    assert words in planned_step(["here"], most_cost_of(accounts, cap))


@pytest.mark.parametrize(
    ("listings", "completeness"),
    [
        ([listed(), failed()], 0.5),
        ([listed(), empty()], 1.0),
        ([failed()], 0.0),
        ([listed(), unasked(NotAsked.NO_PLACE_ID)], 1.0),
        ([unasked(NotAsked.MISSING_KEY)], None),
    ],
)
def test_5_5_completeness(listings: list[ProviderListing], completeness: float | None) -> None:
    assert completeness_of(listings) == completeness


def test_5_5_used_are_those_that_listed_something() -> None:
    assert used_providers([listed(), empty(), failed(), listed("here")]) == ("google_places", "here")


def photo(
    kind: PhotoOutcomeKind, error_type: ErrorType | None = None, due: dt.datetime | None = None
) -> PhotoOutcome:
    what = Photo(ImageRole.GALLERY, "google_places", "1", "google_places:id:1", "u", 1, 1, None, None, NOW)
    failure = None if error_type is None else ImageFailure(error_type, None, None, "", 1)
    return PhotoOutcome(kind, 1, what, failure, next_retry_at=due)


def outcome(**changes: Any) -> EnrichmentOutcome:
    base = EnrichmentOutcome(VENUE, "run", EnrichmentMode.FORCED, EnrichmentStatus.SUCCESS)
    return replace(base, **changes)


NEW, LIMITED = photo(PhotoOutcomeKind.NEW), photo(PhotoOutcomeKind.FAILED, ErrorType.RATE_LIMITED, NOW)
BROKEN = photo(PhotoOutcomeKind.FAILED, ErrorType.SERVER_ERROR)


@pytest.mark.parametrize(
    ("changes", "summary"),
    [
        pytest.param(
            {"listings": (listed(),), "discovered": 2, "photos": (NEW, NEW)},
            "all 2 photos stored: 2 new",
            id="all",
        ),
        pytest.param(
            {"listings": (listed(),), "discovered": 3, "photos": (NEW, LIMITED), "kept": 1},
            "2 of 3 photos stored: 1 new, 1 kept, 1 failed (rate_limited 1)",
            id="partial",
        ),
        pytest.param(
            {"listings": (listed(), failed()), "discovered": 1, "photos": (NEW,)},
            "its photo is stored: 1 new; failed: here rate_limited (quota is used up)",
            id="R106-one-provider-failed",
        ),
        pytest.param(
            {"listings": (listed(),), "discovered": 2, "left": {"no_room": 1, "deleted": 1}},
            "0 of 2 photos stored: 1 no room, 1 deleted",
            id="left-out",
        ),
        pytest.param(
            {"listings": (empty(),), "status": EnrichmentStatus.NO_IMAGES},
            "no photos: foursquare has none",
            id="none",
        ),
        pytest.param(
            {"listings": (empty(), empty("here")), "status": EnrichmentStatus.NO_IMAGES},
            "no photos: foursquare and here have none",
            id="none-of-two",
        ),
        pytest.param(
            {
                "listings": (empty(), failed(), unasked(NotAsked.NO_PLACE_ID, "google_places")),
                "status": EnrichmentStatus.ERROR,
            },
            "failed: here rate_limited (quota is used up), google_places no_place_id",
            id="R106-failed-with-names",
        ),
        pytest.param({"status": EnrichmentStatus.SKIPPED}, "no provider was to be asked", id="R97-nobody"),
        pytest.param(
            {"recovery": OwnerRecovery(OwnerRef(OwnerKind.VENUE, 7))}, "no retryable failures", id="R158-retry-only"
        ),
    ],
)
def test_5_6_summary(changes: dict[str, Any], summary: str) -> None:
    assert summary_of(outcome(**changes)) == summary


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"photos": (NEW, LIMITED, LIMITED)}, "fetches 2 again, or now: trivia-scraper retry --venue the-crown"),
        ({"photos": (NEW, BROKEN)}, "a person decides: trivia-scraper retry --venue the-crown --include-ambiguous"),
        ({"photos": (NEW,), "due_at": NOW}, "looked up again from 2026-06-01"),
        ({"photos": (NEW,)}, "nothing more to do"),
        ({"listings": (failed(),), "status": EnrichmentStatus.ERROR}, "stays due"),
        (
            {"listings": (unasked(NotAsked.NO_PLACE_ID, "here"),), "status": EnrichmentStatus.ERROR},
            "trivia-scraper venues identify the-crown here ID",
        ),
        (
            {"listings": (unasked(NotAsked.MISSING_KEY, "here"),), "status": EnrichmentStatus.ERROR},
            "set [providers.here] key",
        ),
    ],
)
def test_what_happens_next(changes: dict[str, Any], words: str) -> None:
    assert words in next_step(outcome(**changes))


def test_r142_r143_counts_and_breakdown_are_those_of_the_run() -> None:
    done = outcome(photos=(NEW, LIMITED, LIMITED, BROKEN, photo(PhotoOutcomeKind.SAME_PHOTO)))
    assert (done.uploaded, done.failed) == (1, 3)
    assert done.failure_breakdown == {"rate_limited": 2, "server_error": 1}
    assert done.failed_image_ids == (1,)
    assert not done.ok


def test_r104_the_last_ten_attempts_newest_first() -> None:
    history: tuple[HistoryEntry, ...] = ()
    for number in range(12):
        done = outcome(listings=(listed(count=number), failed(), unasked(NotAsked.DISABLED)), photos=(NEW, LIMITED))
        history = history_with(history, history_entry(done, NOW + dt.timedelta(days=number)))
    assert [entry.listed for entry in history] == [11, 10, 9, 8, 7, 6, 5, 4, 3, 2]
    assert history[0].providers == ("google_places", "here")
    assert (history[0].added, history[0].cost, history[0].status) == (1, 0.006, EnrichmentStatus.SUCCESS)
