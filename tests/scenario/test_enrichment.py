"""Galleries through the whole house: the replica's photo providers, real bytes, real rows (images.md 5)."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from support.galleries import CROWN, START, GalleryHouse, open_gallery_house, photos_at, snaps
from support.replica import running_replica
from trivia_scraper.demo.photo_providers.photos import ReplicaPhoto
from trivia_scraper.demo.photo_providers.switches import (
    PhotoApiFault,
    PhotoApiSwitch,
    PhotoKeySwitch,
    PhotoReferencesSwitch,
    PhotosSwitch,
)
from trivia_scraper.demo.server import Replica
from trivia_scraper.demo.switches import ImageFault, ImageSwitch
from trivia_scraper.domain.enrichment import EnrichmentMode, EnrichmentStatus, ListingStatus, NotAsked
from trivia_scraper.domain.errors import RowRejected, SetupError
from trivia_scraper.domain.failures import ErrorType
from trivia_scraper.domain.log_events import LogEvent
from trivia_scraper.domain.options import options_from_job_arguments
from trivia_scraper.domain.pages import Page, PageRequest
from trivia_scraper.domain.photo_provider import ListedPhoto, ListingAnswer
from trivia_scraper.domain.photos import PhotoOutcomeKind
from trivia_scraper.domain.provider_memory import BreakerState
from trivia_scraper.pipeline.enrichment import enrich_venue
from trivia_scraper.pipeline.provider_windows import RequestWindows
from trivia_scraper.policy.breaking import host_of
from trivia_scraper.ports import EnrichmentLog, Services

DAY, HOUR = dt.timedelta(days=1), dt.timedelta(hours=1)
PLACE = "place-1-3"
ALL = ("google_places", "foursquare", "here", "unsplash")


@pytest.fixture
async def replica() -> AsyncIterator[Replica]:
    async with running_replica(2) as running:
        yield running


@pytest.fixture
async def galleries(tmp_path: Path, database_url: str, replica: Replica) -> AsyncIterator[GalleryHouse]:
    """One venue, three photos of it at Google."""
    async with open_gallery_house(tmp_path, database_url, replica) as opened:
        await opened.open_venue(ids={"google_places": PLACE})
        yield opened


@pytest.fixture
async def four(tmp_path: Path, database_url: str, replica: Replica) -> AsyncIterator[GalleryHouse]:
    """One venue, photos of it at all four providers."""
    async with open_gallery_house(tmp_path, database_url, replica, *ALL) as opened:
        await opened.open_venue(ids={"google_places": "g", "foursquare": "f", "here": "h"})
        for provider, place in (("google_places", "g"), ("foursquare", "f"), ("here", "h")):
            photos_at(replica, provider, place, *snaps(place, 1))
        photos_at(replica, "unsplash", "The Crown, Leeds", *snaps("u", 1))
        yield opened


def limit_photo(replica: Replica, photo_id: str, *, status: int = 429, times: int | None = None, **more: Any) -> None:
    path = f"/photo-cdn/google_places/{photo_id}.jpg"
    replica.site.flip(ImageSwitch(path=path, fault=ImageFault.STATUS, status=status, times=times, **more))


def break_api(replica: Replica, provider: str, fault: str = "status", **more: Any) -> None:
    replica.site.flip(PhotoApiSwitch(provider=provider, fault=PhotoApiFault(fault), **more))  # type: ignore[arg-type]


def why(outcome: Any) -> dict[str, str | None]:
    return {listing.provider: listing.why for listing in outcome.listings}


# --- what is kept ----------------------------------------------------------------------------------------------


async def test_r85_an_enrichment_lists_downloads_and_keeps(galleries: GalleryHouse, replica: Replica) -> None:
    outcome = await galleries.enrich()
    assert (outcome.mode, outcome.status) == (EnrichmentMode.STALENESS, EnrichmentStatus.SUCCESS)
    assert (outcome.discovered, outcome.uploaded, outcome.failed) == (3, 3, 0)
    assert (replica.provider_calls(), replica.photo_downloads()) == (1, 3)
    rows = await galleries.rows()
    assert [row["status"] for row in rows] == ["uploaded"] * 3
    assert [row["position"] for row in rows] == [1, 2, 3]
    assert [row["quality_score"] for row in rows] == sorted((row["quality_score"] for row in rows), reverse=True)
    assert {row["storage_key"].rpartition(".")[2] for row in rows} == {"jpg"}
    assert set(galleries.house.files) == {row[key] for row in rows for key in ("storage_key", "thumb_key")}
    assert await galleries.house.problems() == []


async def test_r82_no_key_is_stored_or_logged(galleries: GalleryHouse, replica: Replica) -> None:
    limit_photo(replica, "place-1-3-1")
    await galleries.enrich()
    key = replica.photo_keys["google_places"]
    tables = ("images", "image_attempts", "venue_enrichment", "enrichment_runs", "provider_requests")
    for table in tables:
        rows = await galleries.house.query(f"SELECT to_jsonb(t)::text AS row FROM {table} t")
        assert rows, table
        assert not [row for row in rows if key in row["row"]], table
    assert key not in str(galleries.house.events())


async def test_r107_the_run_says_whom_it_was_about(four: GalleryHouse) -> None:
    outcome = await four.enrich(providers=("google_places", "here"))
    [run] = await four.house.query("SELECT * FROM enrichment_runs")
    assert json.loads(run["context"]) == {
        "venue_id": outcome.venue.id, "slug": CROWN, "name": "The Crown", "address": "1 High Street",
        "city": "Leeds", "latitude": None, "longitude": None,
        "provider_ids": {"google_places": ["g"], "foursquare": ["f"], "here": ["h"]},
        "requested_providers": ["google_places", "here"],
    }  # fmt: skip
    assert (run["mode"], run["status"], run["discovered"], run["uploaded"], run["failed"]) == (
        "staleness", "success", 2, 2, 0,
    )  # fmt: skip
    assert run["summary"] == outcome.summary == "all 2 photos stored: 2 new"
    assert outcome.venue.slug == CROWN


async def test_r142_r143_counts_of_the_run_and_totals_of_the_venue(galleries: GalleryHouse, replica: Replica) -> None:
    await galleries.enrich()
    photos_at(replica, "google_places", PLACE, *snaps("n", 3))
    limit_photo(replica, "n-1", status=404)
    limit_photo(replica, "n-2", status=503)
    outcome = await galleries.enrich(force_update=True)
    assert (outcome.uploaded, outcome.failed) == (1, 2)
    assert outcome.failure_breakdown == {"not_found": 1, "service_unavailable": 1}
    assert (outcome.totals.uploaded, outcome.totals.failed, outcome.totals.total) == (4, 2, 6)
    [run] = await galleries.house.query("SELECT * FROM enrichment_runs ORDER BY id DESC LIMIT 1")
    assert (run["uploaded"], run["failed"]) == (1, 2)
    assert (run["venue_uploaded"], run["venue_failed"], run["venue_total"]) == (4, 2, 6)
    assert json.loads(run["failure_breakdown"]) == outcome.failure_breakdown
    failed = [row["id"] for row in await galleries.rows() if row["status"] != "uploaded"]
    assert run["failed_image_ids"] == sorted(failed)


# --- modes and staleness ----------------------------------------------------------------------------------------


async def test_r89_r90_force_asks_for_a_fresh_venue_and_nothing_else_does(
    galleries: GalleryHouse, replica: Replica
) -> None:
    first = await galleries.enrich()
    before = await galleries.house.query("SELECT * FROM images"), await galleries.state()
    galleries.clock.let_pass(DAY)
    fresh = await galleries.enrich()
    assert (fresh.status, fresh.summary) == (EnrichmentStatus.SKIPPED, "fresh: no provider was asked")
    assert fresh.venue == first.venue
    assert fresh.due_at == first.due_at
    [skipped] = galleries.house.events(LogEvent.ENRICHMENT_SKIPPED)
    assert (skipped["venue"], skipped["why"]) == (CROWN, "fresh")
    assert (await galleries.house.query("SELECT * FROM images"), await galleries.state()) == before
    assert replica.provider_calls() == 1
    forced = await galleries.enrich(force_update=True)
    assert (forced.mode, forced.status, forced.kept) == (EnrichmentMode.FORCED, EnrichmentStatus.SUCCESS, 3)
    assert (replica.provider_calls(), replica.photo_downloads()) == (2, 3)


@pytest.mark.parametrize(
    ("place", "days", "is_asked"),
    [
        pytest.param(PLACE, 89, False, id="R91-89-days-with-images"),
        pytest.param(PLACE, 90, True, id="R91-90-days-with-images"),
        pytest.param("place-1-0", 6, False, id="R92-6-days-without"),
        pytest.param("place-1-0", 7, True, id="R92-7-days-without"),
    ],
)
async def test_staleness_over_days(
    tmp_path: Path, database_url: str, replica: Replica, place: str, days: int, is_asked: bool
) -> None:
    async with open_gallery_house(tmp_path, database_url, replica) as galleries:
        await galleries.open_venue(ids={"google_places": place})
        await galleries.enrich()
        checked_at = (await galleries.state())["last_checked_at"]
        galleries.clock.at = checked_at + days * DAY
        report = await galleries.enrich_many()
        assert (report.chosen.total, report.chosen.stale) == (1, int(is_asked)), "the finder's rule (R93)"
        again = await galleries.enrich()
        assert (again.status is EnrichmentStatus.SKIPPED) is not is_asked or report.outcomes
        assert replica.provider_calls() == 1 + is_asked


async def test_r86_r144_retry_only_asks_no_provider(galleries: GalleryHouse, replica: Replica) -> None:
    limit_photo(replica, "place-1-3-2")
    first = await galleries.enrich()
    assert (first.uploaded, first.failed) == (2, 1)
    replica.site.clear()
    galleries.clock.let_pass(HOUR)
    calls = replica.provider_calls()
    outcome = await galleries.enrich(retry_failed_only=True, force_update=True, providers=("google_places",))
    assert replica.provider_calls() == calls, "retry-only beats every other option"
    assert (outcome.mode, outcome.uploaded, outcome.failed) == (EnrichmentMode.RETRY_ONLY, 1, 0)
    [started] = galleries.house.events(LogEvent.ENRICHMENT_STARTED)
    assert (started["mode"], started["venue_id"]) == ("retry_only", outcome.venue.id)
    assert await galleries.statuses() == ["uploaded"] * 3
    runs = await galleries.house.query("SELECT mode, uploaded, providers FROM enrichment_runs ORDER BY id")
    assert [(run["mode"], run["uploaded"]) for run in runs] == [("staleness", 2), ("retry_only", 1)]
    assert (await galleries.state())["last_checked_at"] < galleries.clock.at - DAY / 48, "it was no check"


async def test_r124_a_recovered_photo_is_stored_like_an_enriched_one(
    galleries: GalleryHouse, replica: Replica
) -> None:
    await galleries.enrich()
    [usual] = [row for row in await galleries.rows() if row["provider_photo_id"] == "place-1-3-2"]
    venue = await galleries.open_venue("the-swan", {"google_places": "place-1-3"})
    limit_photo(replica, "place-1-3-2")
    await galleries.enrich("the-swan")
    replica.site.clear()
    galleries.clock.let_pass(HOUR)
    await galleries.enrich("the-swan", retry_failed_only=True)
    [recovered] = [row for row in await galleries.rows("the-swan") if row["provider_photo_id"] == "place-1-3-2"]
    assert recovered["owner_id"] == venue
    same = ("sha256", "source_sha256", "mime", "bytes", "width", "height", "dhash", "quality_score", "identity")
    assert {name: recovered[name] for name in same} == {name: usual[name] for name in same}
    assert recovered["storage_key"] == usual["storage_key"].replace("the-crown", "the-swan")
    assert recovered["thumb_key"] is not None


async def test_r88_retry_only_returns_the_venue_with_nothing_to_do(galleries: GalleryHouse, replica: Replica) -> None:
    outcome = await galleries.enrich(retry_failed_only=True)
    assert (outcome.venue.slug, outcome.ok, outcome.summary) == (CROWN, True, "no retryable failures")
    assert replica.provider_calls() == replica.photo_downloads() == 0
    assert await galleries.house.query("SELECT * FROM enrichment_runs") == []


async def test_r87_calls_without_the_option_work_as_before(galleries: GalleryHouse) -> None:
    options = options_from_job_arguments({"venues": [CROWN]})
    outcome = await enrich_venue(CROWN, options, galleries.new_run())
    assert (outcome.mode, outcome.uploaded) == (EnrichmentMode.STALENESS, 3)


async def test_a_dry_run_asks_and_changes_nothing(four: GalleryHouse, replica: Replica) -> None:
    outcome = await four.enrich(dry_run=True)
    assert outcome.planned == ("google_places", "foursquare", "here", "unsplash")
    assert outcome.summary.startswith("would ask google_places and foursquare and here and unsplash, for at most 0.0")
    assert replica.provider_calls() == 0
    for table in ("images", "venue_enrichment", "enrichment_runs", "provider_requests", "breakers"):
        assert await four.house.query(f"SELECT * FROM {table}") == [], table


async def test_a_slug_that_is_no_venues_names_the_nearest(galleries: GalleryHouse) -> None:
    with pytest.raises(SetupError, match="no venue 'the-crow'") as refused:
        await galleries.enrich("the-crow")
    assert "the-crown" in refused.value.hint


async def test_a_wrong_slug_stops_a_bulk_run_before_it_begins(galleries: GalleryHouse, replica: Replica) -> None:
    with pytest.raises(SetupError, match="no venue 'the-swam'"):
        await galleries.enrich_many(venues=(CROWN, "the-swam"))
    assert replica.provider_calls() == 0


async def test_1_2_force_refresh_replaces_what_is_stored_and_listed_again(
    galleries: GalleryHouse, replica: Replica
) -> None:
    await galleries.enrich()
    before = {row["id"]: row["sha256"] for row in await galleries.rows()}
    replica.site.change_image("/photo-cdn/google_places/place-1-3-1.jpg")
    outcome = await galleries.enrich(force_update=True, force_refresh_images=True)
    assert (outcome.count(PhotoOutcomeKind.REPLACED), outcome.kept) == (3, 0)
    after = {row["id"]: row["sha256"] for row in await galleries.rows()}
    assert after.keys() == before.keys()
    assert sum(after[each] != before[each] for each in after) == 1
    downloads = galleries.house.events(LogEvent.IMAGE_DOWNLOAD)
    assert len(downloads) == 3
    assert all(event["force_refresh"] for event in downloads)
    assert await galleries.house.problems() == []


# --- providers --------------------------------------------------------------------------------------------------


async def test_r97_a_filter_asks_only_whom_it_names(four: GalleryHouse, replica: Replica) -> None:
    outcome = await four.enrich(providers=("foursquare",))
    assert [listing.provider for listing in outcome.listings] == ["foursquare"]
    assert (replica.provider_calls(), replica.provider_calls("foursquare")) == (1, 1)
    assert [row["provider"] for row in await four.rows()] == ["foursquare"]


async def test_r97_an_unknown_name_gives_an_empty_result(four: GalleryHouse, replica: Replica) -> None:
    outcome = await four.enrich(providers=("yelp",))
    assert (outcome.status, outcome.listings, outcome.discovered) == (EnrichmentStatus.SKIPPED, (), 0)
    assert replica.provider_calls() == 0
    assert await four.house.query("SELECT * FROM venue_enrichment") == []


async def test_r98_all_providers_are_asked_and_none_touches_the_others(four: GalleryHouse, replica: Replica) -> None:
    break_api(replica, "foursquare", status=500)
    break_api(replica, "here", "slow", seconds=60)
    four.settle(provider_seconds=0.3)
    outcome = await four.enrich()
    assert why(outcome) == {
        "google_places": None, "foursquare": "server_error", "here": "network_timeout", "unsplash": None,
    }  # fmt: skip
    assert outcome.status is EnrichmentStatus.SUCCESS
    assert sorted(row["provider"] for row in await four.rows()) == ["google_places", "unsplash"]
    [here] = [listing for listing in outcome.listings if listing.provider == "here"]
    assert here.message == "no answer within the 0.3 s of this provider"
    assert (await four.state())["completeness"] == 0.5
    assert (await four.state())["providers_used"] == ["google_places", "unsplash"]


async def test_r98_a_call_ends_after_its_own_time(four: GalleryHouse, replica: Replica) -> None:
    break_api(replica, "here", "slow", seconds=60)
    four.settle(call_seconds=0.3)
    outcome = await four.enrich(providers=("here", "foursquare"))
    assert why(outcome) == {"here": "network_timeout", "foursquare": None}


class Invented:
    """A provider that answers a photo of its own name to everything; `crooked` ones break while reading."""

    needs_id = False

    def __init__(self, slug: str, *, crooked: bool = False) -> None:
        self.slug = slug
        self.crooked = crooked

    def listing_request(self, subject: Any, account: Any) -> PageRequest:
        return PageRequest(f"https://{self.slug}.example/")

    def read_listing(self, page: Any, subject: Any, account: Any) -> ListingAnswer:
        if self.crooked:
            raise ZeroDivisionError("a bug of ours")
        return ListingAnswer((ListedPhoto(self.slug, f"https://{self.slug}.example/1", 800, 600),))


class Crowd:
    """A fetcher that answers nobody before five are waiting, and counts how many ever are."""

    def __init__(self) -> None:
        self.waiting = self.most = self.asked = 0
        self.five = asyncio.Event()

    async def fetch_page(self, request: PageRequest, **_: object) -> Page:
        self.asked += 1
        self.waiting += 1
        self.most = max(self.most, self.waiting)
        if self.waiting == 5:
            self.five.set()
        await self.five.wait()
        await asyncio.sleep(0)
        self.waiting -= 1
        return Page(request, request.url, 200, "{}", "application/json", 2)


def invent(galleries: GalleryHouse, *providers: Invented) -> None:
    """These providers instead of the real ones."""
    google = galleries.services.settings.photos.accounts["google_places"]
    galleries.settle(accounts={each.slug: replace(google, slug=each.slug) for each in providers}, download=False)
    known: Any = {each.slug: each for each in providers}
    galleries.house.services = replace(galleries.services, providers=known)


async def test_r98_at_most_five_are_asked_at_once(galleries: GalleryHouse) -> None:
    invent(galleries, *(Invented(f"p{number}") for number in range(8)))
    crowd: Any = Crowd()
    galleries.house.services = replace(galleries.services, fetcher=crowd)
    outcome = await galleries.enrich()
    assert (crowd.asked, crowd.most) == (8, 5)
    assert outcome.discovered == 8


async def test_r98_a_bug_in_one_provider_costs_that_provider(galleries: GalleryHouse) -> None:
    invent(galleries, Invented("good"), Invented("bad", crooked=True))
    crowd: Any = Crowd()
    crowd.five.set()
    galleries.house.services = replace(galleries.services, fetcher=crowd)
    outcome = await galleries.enrich()
    assert why(outcome) == {"good": None, "bad": "unknown_error"}
    assert [row["provider"] for row in await galleries.rows()] == ["good"]
    [told] = galleries.house.events(LogEvent.PROVIDER_CRASHED)
    assert isinstance(told["exc_info"], ZeroDivisionError)


@pytest.mark.parametrize(
    ("fault", "calls", "waits", "status"),
    [
        pytest.param({"status": 429, "times": 2}, 3, [1.0, 2.0], "success", id="R99-the-third-round-lists"),
        pytest.param({"status": 429, "times": 1}, 2, [1.0], "success", id="R99-the-second-round-lists"),
        pytest.param({"status": 503}, 3, [1.0, 2.0], "error", id="R99-three-rounds-at-most"),
        pytest.param({"status": 429, "retry_after": 9}, 1, [], "error", id="R99-retry-after-is-too-far"),
        pytest.param({"status": 401}, 1, [], "error", id="R99-a-refused-key-stays-refused"),
        pytest.param({"status": 500}, 1, [], "error", id="R99-ambiguous-is-not-repeated"),
        pytest.param({"fault": "empty"}, 1, [], "no_images", id="R99-empty-is-an-answer"),
    ],
)
async def test_rounds(
    galleries: GalleryHouse, replica: Replica, fault: dict[str, Any], calls: int, waits: list[float], status: str
) -> None:
    break_api(replica, "google_places", **fault)
    outcome = await galleries.enrich()
    assert (outcome.status, replica.provider_calls()) == (status, calls)
    assert galleries.clock.waits[: len(waits)] == waits
    assert outcome.requests == calls
    if status != "success":
        assert galleries.clock.waits == waits


async def test_r99_only_failed_providers_are_asked_again(four: GalleryHouse, replica: Replica) -> None:
    for provider in ("google_places", "unsplash"):
        break_api(replica, provider, "empty")
    break_api(replica, "foursquare", status=404)
    break_api(replica, "here", status=503)
    outcome = await four.enrich()
    assert {api: replica.provider_calls(api) for api in ALL} == {
        "google_places": 1, "foursquare": 1, "here": 3, "unsplash": 1,
    }  # fmt: skip
    assert outcome.status is EnrichmentStatus.ERROR


async def test_r99_nobody_is_asked_again_once_something_is_listed(four: GalleryHouse, replica: Replica) -> None:
    break_api(replica, "here", status=503)
    outcome = await four.enrich()
    assert (outcome.status, replica.provider_calls("here")) == (EnrichmentStatus.SUCCESS, 1)


@pytest.mark.parametrize(("times", "status", "calls"), [(1, "success", 2), (None, "error", 3)])
async def test_r99_request_denied_may_hide_a_rate_limit(
    tmp_path: Path, database_url: str, replica: Replica, times: int | None, status: str, calls: int
) -> None:
    async with open_gallery_house(tmp_path, database_url, replica) as galleries:
        google = galleries.services.settings.photos.accounts["google_places"]
        galleries.settle(accounts={"google_places": replace(google, api="classic")})
        await galleries.open_venue(ids={"google_places": PLACE})
        break_api(replica, "google_classic", "denied", times=times)
        outcome = await galleries.enrich()
        assert (outcome.status, replica.provider_calls("google_classic")) == (status, calls)
        if times is None:
            assert why(outcome) == {"google_places": "auth_error"}
            assert "REQUEST_DENIED" in outcome.listings[0].message


@pytest.mark.parametrize(
    ("faults", "status"),
    [
        pytest.param({"google_places": "empty", "here": "empty"}, "no_images", id="R105-all-say-none"),
        pytest.param({"google_places": "empty", "here": "html"}, "error", id="R105-one-says-nonsense"),
    ],
)
async def test_empty_and_failed_are_two_things(
    four: GalleryHouse, replica: Replica, faults: Mapping[str, str], status: str
) -> None:
    for provider, fault in faults.items():
        break_api(replica, provider, fault)
    outcome = await four.enrich(providers=tuple(faults))
    assert outcome.status == status
    state = await four.state()
    assert state["last_status"] == status
    assert (state["last_checked_at"] is None) is (status == "error"), "an error is no check: the venue stays due"


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        pytest.param({"key": ""}, "missing_key", id="R106-missing-key"),
        pytest.param({"ids": {}}, "no_place_id", id="R106-missing-id"),
    ],
)
async def test_what_is_missing_is_named(
    tmp_path: Path, database_url: str, replica: Replica, change: dict[str, Any], expected: str
) -> None:
    async with open_gallery_house(tmp_path, database_url, replica) as galleries:
        await galleries.open_venue(ids=change.get("ids", {"google_places": PLACE}))
        galleries.give_key("google_places", change.get("key", "x"))
        outcome = await galleries.enrich()
        assert (outcome.status, why(outcome)) == (EnrichmentStatus.ERROR, {"google_places": expected})
        assert outcome.summary == f"failed: google_places {expected} ({outcome.listings[0].message})"
        assert replica.provider_calls() == 0
        [run] = await galleries.house.query("SELECT * FROM enrichment_runs")
        assert json.loads(run["providers"])["google_places"]["why"] == expected


async def test_r108_the_providers_own_words_are_kept(galleries: GalleryHouse, replica: Replica) -> None:
    galleries.give_key("google_places", "a-wrong-key-0815")
    outcome = await galleries.enrich()
    [listing] = outcome.listings
    assert (listing.status, listing.error_type) == (ListingStatus.FAILED, ErrorType.AUTH_ERROR)
    assert "API key not valid" in listing.message
    kept = json.loads((await galleries.state())["providers"])["google_places"]
    assert (kept["why"], kept["message"]) == ("auth_error", listing.message)
    assert "0815" not in str(kept)


async def test_5_2_providers_that_are_switched_off_say_so(galleries: GalleryHouse, replica: Replica) -> None:
    outcome = await galleries.enrich(providers=("here",))
    assert (outcome.status, why(outcome)) == (EnrichmentStatus.SKIPPED, {"here": NotAsked.DISABLED})
    assert replica.provider_calls() == 0


async def test_5_2_an_open_breaker_is_named_and_nobody_is_asked(galleries: GalleryHouse, replica: Replica) -> None:
    host, now = host_of(replica.photo_api_urls["google_places"]), galleries.clock.now()
    opened = BreakerState(10, 900.0, now, now + dt.timedelta(minutes=15))
    await galleries.services.memory.save_breaker(host, opened, now)
    outcome = await galleries.enrich()
    assert (outcome.status, why(outcome)) == (EnrichmentStatus.ERROR, {"google_places": "breaker_open"})
    assert replica.provider_calls() == 0


async def test_r225_photos_of_a_host_that_is_left_alone_are_written_down(
    galleries: GalleryHouse, replica: Replica
) -> None:
    until = galleries.clock.now() + dt.timedelta(minutes=15)

    class Failing:
        """The ledger of photos; the provider's host begins to fail once its listing is there."""

        def __init__(self, services: Services) -> None:
            self._services = services

        def __getattr__(self, name: str) -> Any:
            return getattr(self._services.photos, name)

        async def gallery(self, venue_id: int) -> Any:
            now = self._services.clock.now()
            host = host_of(replica.photo_api_urls["google_places"])
            await self._services.memory.save_breaker(host, BreakerState(10, 900.0, now, until), now)
            return await self._services.photos.gallery(venue_id)

    services = galleries.services
    galleries.house.services = replace(services, photos=Failing(services))  # type: ignore[arg-type]
    outcome = await galleries.enrich()
    assert (outcome.uploaded, outcome.failed, replica.photo_downloads()) == (0, 3, 0)
    for row in await galleries.rows():
        assert (row["status"], row["error_type"], row["retry_count"]) == ("failed", "service_unavailable", 0)
        assert row["next_retry_at"] == until
    assert outcome.next == "the nightly cleanup fetches 3 again, or now: trivia-scraper retry --venue the-crown"


async def test_r198_a_full_window_refuses_and_counts_every_request(
    tmp_path: Path, database_url: str, replica: Replica
) -> None:
    account = {"per_minute": 4}
    async with open_gallery_house(tmp_path, database_url, replica, account=account) as galleries:
        await galleries.open_venue(ids={"google_places": PLACE})
        await galleries.enrich()  # one listing and three photos
        refused = await galleries.enrich(force_update=True)
        assert why(refused) == {"google_places": "rate_limited"}
        assert refused.listings[0].status is ListingStatus.NOT_ASKED
        assert replica.provider_calls() == 1
        galleries.house.services = replace(galleries.services, windows=RequestWindows())
        assert why(await galleries.enrich(force_update=True)) == {"google_places": "rate_limited"}, "after a restart"
        galleries.clock.let_pass(dt.timedelta(minutes=1))
        assert (await galleries.enrich(force_update=True)).status is EnrichmentStatus.SUCCESS


async def test_r198_a_full_second_is_waited_for_and_public_hosts_do_not_count(
    tmp_path: Path, database_url: str, replica: Replica
) -> None:
    account = {"per_second": 1, "per_minute": 3}
    async with open_gallery_house(tmp_path, database_url, replica, "foursquare", account=account) as galleries:
        await galleries.open_venue(ids={"foursquare": ["place-1-3", "place-2-3"]})
        outcome = await galleries.enrich()
        assert (outcome.uploaded, replica.provider_calls(), replica.photo_downloads()) == (6, 2, 6)
        assert galleries.clock.waits == [1.0, *[0.2] * 5]
        again = await galleries.enrich(force_update=True)
        assert replica.provider_calls() == 3, "the minute has place for one"
        assert (again.status, again.listings[0].why) == (EnrichmentStatus.SUCCESS, "rate_limited")


async def test_r103_cost_and_requests_are_counted_by_provider(four: GalleryHouse, replica: Replica) -> None:
    photos_at(replica, "google_places", "g", *snaps("g", 4))
    break_api(replica, "foursquare", status=404)
    outcome = await four.enrich()
    costs = {listing.provider: (listing.requests, listing.cost) for listing in outcome.listings}
    assert costs == {
        "google_places": (1, 0.012), "foursquare": (1, 0.0), "here": (1, 0.005), "unsplash": (1, 0.0),
    }  # fmt: skip
    assert outcome.cost == 0.017
    [run] = await four.house.query("SELECT * FROM enrichment_runs")
    assert (float(run["cost"]), str(run["cost"])) == (0.017, "0.0170")
    booked = await four.house.query(
        """SELECT provider, kind, count(*) AS requests, sum(images) AS images, sum(cost) AS cost
           FROM provider_requests GROUP BY 1, 2 ORDER BY 1, 2"""
    )
    told = [(row["provider"], row["kind"], row["requests"], row["images"], float(row["cost"])) for row in booked]
    assert told == [
        ("foursquare", "listing", 1, 0, 0.0),
        ("google_places", "listing", 1, 4, 0.012),
        ("google_places", "photo", 4, 0, 0.0),
        ("here", "listing", 1, 1, 0.005),
        ("unsplash", "listing", 1, 1, 0.0),
        ("unsplash", "notice", 1, 0, 0.0),
    ]


async def test_r104_the_last_ten_attempts_are_kept(galleries: GalleryHouse) -> None:
    for _ in range(12):
        await galleries.enrich(force_update=True)
        galleries.clock.let_pass(DAY)
    history = json.loads((await galleries.state())["history"])
    assert len(history) == 10
    stamps = [entry["at"] for entry in history]
    assert stamps == sorted(stamps, reverse=True)
    assert {(entry["listed"], entry["added"], entry["cost"]) for entry in history} == {(3, 0, 0.009)}
    assert len(await galleries.house.query("SELECT * FROM enrichment_runs")) == 12


async def test_r110_all_ids_of_a_venue_are_asked_for(tmp_path: Path, database_url: str, replica: Replica) -> None:
    async with open_gallery_house(tmp_path, database_url, replica) as galleries:
        await galleries.open_venue(ids={"google_places": ["place-1-2", "place-2-2"]})
        await galleries.house.query("UPDATE venues SET place_id = 'place-3-1'")
        outcome = await galleries.enrich()
        assert outcome.venue.provider_ids == {"google_places": ("place-1-2", "place-2-2", "place-3-1")}
        assert (replica.provider_calls(), outcome.uploaded) == (3, 5)


async def test_r110_the_id_of_a_street_address_is_refused(galleries: GalleryHouse, replica: Replica) -> None:
    replica.site.flip(
        PhotosSwitch(provider="google_places", place=PLACE, photos=snaps("s", 1), types=("street_address",))
    )
    outcome = await galleries.enrich()
    assert outcome.status is EnrichmentStatus.ERROR
    assert "street_address" in outcome.listings[0].message
    assert await galleries.rows() == []


# --- caps and merging -------------------------------------------------------------------------------------------


async def test_r95_caps_per_provider_and_per_venue(four: GalleryHouse, replica: Replica) -> None:
    for provider, place in (("google_places", "g"), ("foursquare", "f"), ("here", "h")):
        photos_at(replica, provider, place, *snaps(place, 4))
    four.settle(per_provider=2, per_venue=3)
    outcome = await four.enrich(providers=("google_places", "foursquare", "here"))
    assert [len(listing.photos) for listing in outcome.listings] == [2, 2, 2]
    assert (outcome.discovered, outcome.uploaded, outcome.left) == (6, 3, {"no_room": 3})
    assert sorted(row["provider"] for row in await four.rows()) == ["foursquare", "google_places", "google_places"]


async def test_r96_new_photos_fill_what_is_left_and_none_is_removed(
    galleries: GalleryHouse, replica: Replica
) -> None:
    galleries.settle(per_venue=4)
    await galleries.enrich()
    photos_at(replica, "google_places", PLACE, *snaps("n", 3, width=1600, height=1200))
    outcome = await galleries.enrich(force_update=True)
    assert (outcome.uploaded, outcome.left) == (1, {"no_room": 2})
    ids = [row["provider_photo_id"] for row in await galleries.rows()]
    assert sorted(ids) == ["n-1", "place-1-3-1", "place-1-3-2", "place-1-3-3"]


async def test_r96_a_place_that_stays_free_goes_to_the_next_best(galleries: GalleryHouse, replica: Replica) -> None:
    looks = [ReplicaPhoto(id=each, look=each[0], width=640, height=480) for each in ("a1", "a2", "b1", "c1")]
    photos_at(replica, "google_places", PLACE, *looks)
    galleries.settle(per_venue=2)
    outcome = await galleries.enrich()
    assert [photo.kind for photo in outcome.photos] == ["new", "same_photo", "new"]
    assert [row["provider_photo_id"] for row in await galleries.rows()] == ["a2", "b1"]
    assert outcome.left == {"no_room": 1}


async def test_r111_r113_re_enriching_mixed_states_makes_no_duplicate(
    galleries: GalleryHouse, replica: Replica
) -> None:
    photos_at(replica, "google_places", PLACE, *snaps("m", 6))
    for photo_id, status in (("m-1", 429), ("m-2", 404), ("m-3", 500)):
        limit_photo(replica, photo_id, status=status)
    await galleries.enrich()
    await galleries.house.query("UPDATE images SET deleted_at = now() WHERE provider_photo_id = 'm-4'")
    before = {row["provider_photo_id"]: row for row in await galleries.rows()}
    assert {photo_id: row["status"] for photo_id, row in before.items()} == {
        "m-1": "failed", "m-2": "permanently_failed", "m-3": "failed", "m-5": "uploaded", "m-6": "uploaded",
    }  # fmt: skip
    replica.site.clear()
    photos_at(replica, "google_places", PLACE, *snaps("m", 7))
    galleries.clock.let_pass(HOUR)
    outcome = await galleries.enrich(force_update=True)
    after = {row["provider_photo_id"]: row for row in await galleries.rows()}
    assert {photo_id: row["status"] for photo_id, row in after.items()} == {
        "m-1": "uploaded", "m-2": "permanently_failed", "m-3": "uploaded", "m-5": "uploaded", "m-6": "uploaded",
        "m-7": "uploaded",
    }  # fmt: skip
    assert all(after[photo_id]["id"] == row["id"] for photo_id, row in before.items())
    assert outcome.left == {"deleted": 1, "closed": 1}
    assert (outcome.kept, outcome.uploaded) == (2, 3)
    assert len(await galleries.house.query("SELECT * FROM images")) == 7, "nothing is dropped, the tombstone neither"


async def test_r112_r114_a_later_failure_never_costs_a_stored_photo(
    galleries: GalleryHouse, replica: Replica
) -> None:
    await galleries.enrich()
    before = await galleries.rows()
    for number in (1, 2, 3):
        limit_photo(replica, f"place-1-3-{number}", status=500)
    outcome = await galleries.enrich(force_update=True, force_refresh_images=True)
    assert outcome.failed == 3
    after = await galleries.rows()
    kept = ("id", "status", "storage_key", "sha256", "position")
    assert [{name: row[name] for name in kept} for row in after] == [
        {name: row[name] for name in kept} for row in before
    ]
    assert await galleries.house.problems() == []


async def test_r115_a_rotated_key_changes_no_row(galleries: GalleryHouse, replica: Replica) -> None:
    await galleries.enrich()
    before = {row["id"]: row["identity"] for row in await galleries.rows()}
    replica.site.flip(PhotoKeySwitch(provider="google_places", key="another-key-2026"))
    galleries.give_key("google_places", "another-key-2026")
    outcome = await galleries.enrich(force_update=True)
    assert (outcome.status, outcome.kept) == (EnrichmentStatus.SUCCESS, 3)
    assert {row["id"]: row["identity"] for row in await galleries.rows()} == before
    assert replica.photo_downloads() == 3


async def test_r219_one_photo_at_two_providers_is_one_entry_with_two_references(
    four: GalleryHouse, replica: Replica
) -> None:
    shown = {"look": "the bar", "width": 640, "height": 480}
    photos_at(replica, "google_places", "g", ReplicaPhoto(id="g-bar", **shown))
    photos_at(replica, "foursquare", "f", ReplicaPhoto(id="f-bar", **shown))
    outcome = await four.enrich(providers=("google_places", "foursquare"))
    assert sorted(photo.kind for photo in outcome.photos) == ["new", "same_photo"]
    [row] = await four.rows()
    references = await four.house.query("SELECT * FROM image_references")
    assert {row["identity"], *(each["identity"] for each in references)} == {
        "google_places:id:g-bar", "foursquare:id:f-bar",
    }  # fmt: skip
    assert len(four.house.files) == 2, "a picture and its thumbnail"
    again = await four.enrich(providers=("google_places", "foursquare"), force_update=True)
    assert (again.photos, again.kept) == ((), 1)
    assert await four.house.problems() == []


async def test_2_an_expired_reference_is_renewed_by_the_next_listing(
    galleries: GalleryHouse, replica: Replica
) -> None:
    await galleries.enrich()
    before = await galleries.rows()
    replica.site.flip(PhotoReferencesSwitch(place=PLACE))
    outcome = await galleries.enrich(force_update=True)
    assert [photo.kind for photo in outcome.photos] == ["same_photo"] * 3
    after = await galleries.rows()
    assert [row["id"] for row in after] == [row["id"] for row in before]
    assert all(row["identity"].endswith("-ed1") and "-ed1/media" in row["provider_url"] for row in after)
    assert [row["sha256"] for row in after] == [row["sha256"] for row in before]


async def test_r83_credit_is_kept_and_unsplash_is_told_of_a_use(four: GalleryHouse, replica: Replica) -> None:
    await four.enrich(providers=("unsplash",))
    [row] = await four.rows()
    assert row["attribution"]
    assert "utm_source=trivia_scraper" in row["attribution_url"]
    assert "utm_medium=referral" in row["attribution_url"]
    [shown] = await four.house.images(owner=CROWN)
    assert (shown.attribution, shown.attribution_url) == (row["attribution"], row["attribution_url"])
    log = replica.site.log.requests()
    assert sum(seen.path.endswith("/download") for seen in log) == 1
    await four.enrich(providers=("unsplash",), force_update=True)
    assert sum(seen.path.endswith("/download") for seen in replica.site.log.requests()) == 1, "it was used once"


# --- downloads --------------------------------------------------------------------------------------------------


async def test_r126_without_downloads_photos_are_skipped_and_fetched_later(
    galleries: GalleryHouse, replica: Replica
) -> None:
    galleries.settle(download=False)
    outcome = await galleries.enrich()
    assert (outcome.status, outcome.failed, replica.photo_downloads()) == (EnrichmentStatus.SUCCESS, 0, 0)
    assert await galleries.statuses() == ["skipped"] * 3
    assert all(row["provider_url"] for row in await galleries.rows())
    galleries.settle(download=True)
    await galleries.enrich(force_update=True)
    assert await galleries.statuses() == ["uploaded"] * 3


async def test_r127_r129_one_after_the_other_with_a_delay_but_before_the_first(
    galleries: GalleryHouse, replica: Replica
) -> None:
    limit_photo(replica, "place-1-3-1", status=404)
    outcome = await galleries.enrich()
    assert [photo.kind for photo in outcome.photos] == ["closed", "new", "new"], "one failure stops nothing"
    assert galleries.clock.waits == [0.5, 0.5]


@pytest.mark.parametrize(
    ("status", "requests"),
    [
        pytest.param(429, 3, id="R138-transient-three-times"),
        pytest.param(500, 1, id="R138-ambiguous-once"),
        pytest.param(404, 1, id="R138-permanent-once"),
    ],
)
async def test_r140_downloads_repeat_as_often_as_ours_do(
    galleries: GalleryHouse, replica: Replica, status: int, requests: int
) -> None:
    photos_at(replica, "google_places", PLACE, *snaps("o", 1))
    limit_photo(replica, "o-1", status=status)
    outcome = await galleries.enrich()
    assert outcome.failed == 1
    assert replica.photo_downloads() == requests
    [row] = await galleries.rows()
    assert row["retry_count"] == 0, "these were no recoveries"
    told = galleries.house.events(LogEvent.RETRY_SCHEDULED)
    assert [(entry["attempt"], entry["attempts"]) for entry in told] == [(1, 3), (2, 3)][: requests - 1]
    assert all("wait_seconds" in entry for entry in told)


async def test_r141_a_failed_photo_is_logged_with_what_it_was(galleries: GalleryHouse, replica: Replica) -> None:
    limit_photo(replica, "place-1-3-1", status=503)
    await galleries.enrich()
    [told] = galleries.house.events(LogEvent.IMAGE_REFRESH_FAILED)
    assert (told["venue"], told["provider"]) == (CROWN, "google_places")
    assert (told["error_type"], told["status_code"]) == ("service_unavailable", 503)
    assert len(told["url"]) == 80
    assert told["url"].startswith(replica.photo_api_urls["google_places"])


async def test_r125_what_our_own_store_refuses_is_not_the_providers_fault(
    galleries: GalleryHouse, replica: Replica
) -> None:
    class FullStore:
        """The store, without room."""

        def __init__(self, files: Any) -> None:
            self._files = files
            self.looks = 0

        def __getattr__(self, name: str) -> Any:
            return getattr(self._files, name)

        async def has_room(self) -> bool:
            self.looks += 1
            return self.looks == 1  # the disk fills up once the listing is there

    whole = galleries.services
    galleries.house.services = replace(whole, files=FullStore(whole.files))
    outcome = await galleries.enrich()
    assert (outcome.failed, outcome.failure_breakdown) == (3, {"storage_error": 3})
    assert replica.photo_downloads() == 0
    for table in ("provider_state", "breakers", "provider_waits"):
        assert await galleries.house.query(f"SELECT * FROM {table}") == [], table
    galleries.house.services = whole
    galleries.clock.let_pass(HOUR)
    await galleries.enrich(force_update=True)
    assert await galleries.statuses() == ["uploaded"] * 3


async def test_f18_no_listing_is_paid_for_that_could_not_be_stored(
    galleries: GalleryHouse, replica: Replica, monkeypatch: pytest.MonkeyPatch
) -> None:
    await galleries.open_venue("the-swan", {"google_places": "place-5-1"})

    async def no_room(_: object) -> bool:
        return False

    monkeypatch.setattr(type(galleries.services.files), "has_room", no_room)
    report = await galleries.enrich_many()
    assert (report.outcomes, report.storage_full, set(report.crashed)) == ([], True, {CROWN})
    assert replica.provider_calls() == 0
    assert await galleries.house.query("SELECT * FROM venue_enrichment") == []


async def test_r163_enrichments_of_one_venue_exclude_each_other(galleries: GalleryHouse, replica: Replica) -> None:
    outcomes = await asyncio.gather(galleries.enrich(), galleries.enrich(), galleries.enrich())
    assert sorted(outcome.status for outcome in outcomes) == ["skipped", "skipped", "success"]
    assert (replica.provider_calls(), replica.photo_downloads()) == (1, 3)


async def test_r163_enrichment_and_recovery_of_one_venue_exclude_each_other(
    galleries: GalleryHouse, replica: Replica
) -> None:
    limit_photo(replica, "place-1-3-2")
    await galleries.enrich()
    replica.site.clear()
    galleries.clock.let_pass(HOUR)
    before = replica.photo_downloads()
    await asyncio.gather(galleries.enrich(force_update=True), galleries.enrich(retry_failed_only=True))
    assert replica.photo_downloads() - before == 1, "whoever came second found it stored"
    assert await galleries.statuses() == ["uploaded"] * 3
    assert await galleries.house.problems() == []


# --- many venues ------------------------------------------------------------------------------------------------


async def open_street(galleries: GalleryHouse) -> None:
    """Venues: never asked for, asked for long ago, yesterday, and one that nobody knows by an id."""
    for slug in ("long-ago", "longer-ago", "yesterday"):
        await galleries.open_venue(slug, {"google_places": "place-9-1"})
    await galleries.open_venue("nameless")
    for slug, days in (("longer-ago", 200), ("long-ago", 100), ("yesterday", 1)):
        galleries.clock.at = START - days * DAY
        await galleries.enrich(slug)
    galleries.clock.at = START


async def test_r109_stale_venues_are_chosen_oldest_check_first(galleries: GalleryHouse, replica: Replica) -> None:
    await open_street(galleries)
    report = await galleries.enrich_many()
    assert [outcome.venue.slug for outcome in report.outcomes] == [CROWN, "longer-ago", "long-ago"]
    chosen = report.chosen
    assert (chosen.total, chosen.stale, chosen.filtered, chosen.no_id) == (5, 4, 1, 1)
    [told] = galleries.house.events(LogEvent.ENRICHMENT_CHOSEN)
    assert (told["total"], told["stale"], told["filtered"], told["no_id"]) == (5, 4, 1, 1)
    assert report.ok
    again = await galleries.enrich_many()
    assert (again.outcomes, again.chosen.stale) == ([], 1)


async def test_r26_r109_a_limit_takes_the_oldest_and_force_takes_fresh_ones_too(galleries: GalleryHouse) -> None:
    await open_street(galleries)
    report = await galleries.enrich_many(limit=2)
    assert [outcome.venue.slug for outcome in report.outcomes] == [CROWN, "longer-ago"]
    forced = await galleries.enrich_many(limit=2, force_update=True)
    assert [outcome.venue.slug for outcome in forced.outcomes] == ["long-ago", "yesterday"]


async def test_5_2_a_failed_enrichment_goes_behind_the_others(galleries: GalleryHouse, replica: Replica) -> None:
    await galleries.open_venue("the-swan", {"google_places": "place-5-1"})
    break_api(replica, "google_places", status=401, place=PLACE)
    first = await galleries.enrich_many(limit=1)
    assert [(outcome.venue.slug, outcome.status) for outcome in first.outcomes] == [(CROWN, "error")]
    second = await galleries.enrich_many()
    assert [outcome.venue.slug for outcome in second.outcomes] == ["the-swan", CROWN]
    assert not second.ok


async def test_r109_a_venue_that_crashes_costs_itself_only(galleries: GalleryHouse) -> None:
    await galleries.open_venue("the-swan", {"google_places": "place-5-1"})

    class Crooked:
        """The log of enrichments, with one venue that breaks it."""

        def __init__(self, enrichment: EnrichmentLog) -> None:
            self._enrichment = enrichment

        def __getattr__(self, name: str) -> Any:
            return getattr(self._enrichment, name)

        async def venue(self, slug: str) -> Any:
            if slug == CROWN:
                raise ZeroDivisionError("by a key=c4n4ry")
            return await self._enrichment.venue(slug)

    services = galleries.services
    galleries.house.services = replace(services, enrichment=Crooked(services.enrichment))  # type: ignore[arg-type]
    report = await galleries.enrich_many()
    assert [outcome.venue.slug for outcome in report.outcomes] == ["the-swan"]
    assert set(report.crashed) == {CROWN}
    assert not report.ok
    [told] = galleries.house.events(LogEvent.ENRICHMENT_CRASHED)
    assert isinstance(told["exc_info"], ZeroDivisionError)


async def test_r109_a_crash_after_paid_listings_is_kept_and_goes_behind_the_others(
    galleries: GalleryHouse, replica: Replica
) -> None:
    """Otherwise each bulk run would pay for the same venue first, and never come to the others."""
    await galleries.open_venue("the-swan", {"google_places": "place-5-1"})
    [crown] = await galleries.house.query("SELECT id FROM venues WHERE slug = $1", CROWN)

    class CrookedLedger:
        """The ledger of photos, with one gallery that breaks it."""

        def __init__(self, photos: Any) -> None:
            self._photos = photos

        def __getattr__(self, name: str) -> Any:
            return getattr(self._photos, name)

        async def gallery(self, venue_id: int) -> Any:
            if venue_id == crown["id"]:
                raise ZeroDivisionError("by https://x.example/?key=c4n4ry")
            return await self._photos.gallery(venue_id)

    services = galleries.services
    galleries.house.services = replace(services, photos=CrookedLedger(services.photos))  # type: ignore[arg-type]
    first = await galleries.enrich_many(limit=1)
    assert set(first.crashed) == {CROWN}
    [run] = await galleries.house.query("SELECT * FROM enrichment_runs")
    assert (run["status"], run["cost"] > 0) == ("error", True)
    assert run["summary"] == (
        "crashed after its providers were asked: ZeroDivisionError: by https://x.example/?key=***"
    )
    assert (await galleries.state())["last_checked_at"] is None
    second = await galleries.enrich_many(limit=1)
    assert [outcome.venue.slug for outcome in second.outcomes] == ["the-swan"]


async def test_r129_a_photo_that_the_database_refuses_costs_no_other(galleries: GalleryHouse) -> None:
    class ChoosyLedger:
        """The ledger of photos, which one photo is not good enough for."""

        def __init__(self, photos: Any) -> None:
            self._photos = photos

        def __getattr__(self, name: str) -> Any:
            return getattr(self._photos, name)

        async def save_photo(self, save: Any, *rest: Any) -> Any:
            if save.photo.photo_id == "place-1-3-1":
                raise RowRejected("a value that does not fit")
            return await self._photos.save_photo(save, *rest)

    services = galleries.services
    galleries.house.services = replace(services, photos=ChoosyLedger(services.photos))  # type: ignore[arg-type]
    outcome = await galleries.enrich()
    assert (outcome.uploaded, outcome.failure_breakdown) == (2, {"storage_error": 1})
    assert await galleries.statuses() == ["uploaded"] * 2
    assert (await galleries.state())["last_status"] == "success"
    [told] = galleries.house.events(LogEvent.IMAGE_REFRESH_FAILED)
    assert told["error"] == "a value that does not fit"


async def test_a_stop_ends_before_the_next_venue(galleries: GalleryHouse) -> None:
    await galleries.open_venue("the-swan", {"google_places": "place-5-1"})
    services = galleries.services
    galleries.house.services = replace(services, stopping=lambda: bool(galleries.house.events("enrichment.started")))
    report = await galleries.enrich_many()
    assert [outcome.venue.slug for outcome in report.outcomes] == [CROWN]
    assert report.stopped
    assert await galleries.statuses() == ["uploaded"] * 3, "what was begun is finished"
