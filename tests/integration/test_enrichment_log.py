"""Enrichments over a real Postgres: venues as providers know them, who is due, what is kept of each run."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest

from support.photo_desk import NOON, PhotoDesk, photo, picture
from trivia_scraper.domain.enrichment import (
    EnrichmentMode,
    EnrichmentOutcome,
    EnrichmentState,
    EnrichmentStatus,
    ListingStatus,
    NotAsked,
    ProviderListing,
    VenueContext,
    VenueTotals,
)
from trivia_scraper.domain.errors import SetupError
from trivia_scraper.domain.failures import ErrorType
from trivia_scraper.domain.photo_provider import ListedPhoto
from trivia_scraper.policy.staleness import StalenessTerms
from trivia_scraper.storage.database import Database
from trivia_scraper.storage.enrichment import PostgresEnrichment
from trivia_scraper.storage.venue_ids import identify_venue

DAY = dt.timedelta(days=1)
TERMS = StalenessTerms(90, 7)
RUN = UUID("00000000-0000-4000-8000-000000000007")
PHOTO = ListedPhoto("1", "https://lh3.example/1", 1600, 1200)


class Desk:
    """Venues and their enrichments, written as the pipeline writes them."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.log = PostgresEnrichment(database)

    async def query(self, statement: str, *arguments: object) -> list[dict[str, Any]]:
        async with self.database.acquire() as session:
            return [dict(row) for row in await session.connection.fetch(statement, *arguments)]

    async def venue(self, slug: str, place_id: str | None = None) -> VenueContext:
        await self.query(
            """INSERT INTO venues (slug, name, name_key, country, timezone, fact_source, saved_at, created_at,
                                   updated_at, place_id)
               VALUES ($1, $1, $1, 'GB', 'Europe/London', 'x', $2, $2, $2, $3)""",
            slug,
            NOON,
            place_id,
        )
        return await self.find(slug)

    async def find(self, slug: str) -> VenueContext:
        found = await self.log.venue(slug)
        assert found is not None, slug
        return found

    async def identify(self, slug: str, provider: str, provider_id: str, *, remove: bool = False) -> bool:
        _, changed = await identify_venue(self.database, slug, provider, provider_id, NOON, remove=remove)
        return changed

    async def check(self, venue: VenueContext, days_ago: float, status: str = "success") -> None:
        """One enrichment of a venue, some days ago."""
        at = NOON - days_ago * DAY
        await self.log.save(replace(outcome(venue, started_at=at), status=EnrichmentStatus(status)), (), at)

    async def stale(self, *providers: str, limit: int | None = None) -> tuple[str, ...]:
        return (await self.log.stale_venues(TERMS, providers or None, limit, NOON)).venues


def outcome(venue: VenueContext, **changes: Any) -> EnrichmentOutcome:
    stated: dict[str, Any] = {
        "venue": venue, "run_id": str(RUN), "mode": EnrichmentMode.FORCED, "status": EnrichmentStatus.SUCCESS,
        "requested": ("google_places", "here"), "listings": LISTINGS, "discovered": 2, "kept": 1,
        "totals": VenueTotals(2, 1, 3), "summary": "1 of 2 photos stored", "started_at": NOON, "duration_ms": 1_234,
    }  # fmt: skip
    return EnrichmentOutcome(**{**stated, **changes})


LISTINGS = (
    ProviderListing("google_places", ListingStatus.LISTED, (PHOTO, PHOTO), 1, 0.0123),
    ProviderListing(
        "here", ListingStatus.FAILED, requests=3, cost=0.015, error_type=ErrorType.RATE_LIMITED, status_code=429,
        message="quota used up",
    ),
    ProviderListing("unsplash", ListingStatus.NOT_ASKED, not_asked=NotAsked.MISSING_KEY),
)  # fmt: skip


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(database)


# --- venues as providers know them ------------------------------------------------------------------------------


async def test_r110_a_venue_has_several_ids_those_that_a_person_stated_first(desk: Desk) -> None:
    await desk.venue("the-crown", "ChIJ-source")
    assert await desk.identify("the-crown", "google_places", "ChIJ-2")
    assert await desk.identify("the-crown", "foursquare", "4b")
    found = await desk.find("the-crown")
    assert found.provider_ids == {"google_places": ("ChIJ-2", "ChIJ-source"), "foursquare": ("4b",)}


async def test_r110_an_id_is_stated_once_and_taken_back(desk: Desk) -> None:
    await desk.venue("the-crown", "ChIJ-source")
    assert await desk.identify("the-crown", "here", "h-1")
    assert not await desk.identify("the-crown", "here", "h-1")
    assert not await desk.identify("the-crown", "google_places", "ChIJ-source"), "its source says so already"
    assert await desk.identify("the-crown", "here", "h-1", remove=True)
    assert not await desk.identify("the-crown", "here", "h-1", remove=True)
    assert (await desk.find("the-crown")).provider_ids == {"google_places": ("ChIJ-source",)}
    with pytest.raises(SetupError, match="nobody stated ChIJ-source"):
        await desk.identify("the-crown", "google_places", "ChIJ-source", remove=True)


@pytest.mark.parametrize("provider_id", ["ChIJ-source", "ChIJ-stated"])
async def test_r110_an_id_is_one_venues(desk: Desk, provider_id: str) -> None:
    await desk.venue("the-crown", "ChIJ-source")
    await desk.venue("the-swan")
    await desk.identify("the-crown", "google_places", "ChIJ-stated")
    with pytest.raises(SetupError, match="the-crown is known to google_places by") as refused:
        await desk.identify("the-swan", "google_places", provider_id)
    assert "venues merge the-swan the-crown" in refused.value.hint


async def test_r110_a_wrong_slug_names_the_nearest(desk: Desk) -> None:
    await desk.venue("the-crown")
    with pytest.raises(SetupError, match="no venue 'the-crowm'") as refused:
        await desk.identify("the-crowm", "here", "h-1")
    assert "the-crown" in refused.value.hint


async def test_v6_a_merged_venue_leads_to_the_other_with_the_ids_of_all(desk: Desk) -> None:
    for slug in ("a", "b", "c"):
        await desk.venue(slug, f"place-{slug}")
        await desk.identify(slug, "foursquare", f"4sq-{slug}")
    for loser, winner in (("a", "b"), ("b", "c")):
        await desk.query(
            "UPDATE venues SET merged_into = (SELECT id FROM venues WHERE slug = $2) WHERE slug = $1", loser, winner
        )
    await desk.query("INSERT INTO slug_redirects SELECT 'old-c', id FROM venues WHERE slug = 'c'")
    found = await desk.find("old-c")
    assert found.slug == "c"
    assert set(found.provider_ids["foursquare"]) == {"4sq-a", "4sq-b", "4sq-c"}
    assert set(found.provider_ids["google_places"]) == {"place-a", "place-b", "place-c"}
    assert await desk.log.venue("a") is None, "its slug is gone unless a redirect keeps it"
    assert await desk.stale("foursquare") == ("c",)


async def test_venues_that_no_reader_sees_are_not_found(desk: Desk) -> None:
    venue = await desk.venue("the-crown")
    await desk.query("UPDATE venues SET saved_at = NULL WHERE id = $1", venue.id)
    assert await desk.log.venue("the-crown") is None
    assert await desk.stale() == ()


# --- who is due -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("days_ago", "has_image", "is_due"),
    [
        pytest.param(90.0, True, True, id="R91-day-90"),
        pytest.param(89.9999, True, False, id="R91-day-89"),
        pytest.param(7.0, False, True, id="R92-day-7"),
        pytest.param(6.9999, False, False, id="R92-day-6"),
    ],
)
async def test_finder_and_rule_agree(desk: Desk, days_ago: float, has_image: bool, is_due: bool) -> None:
    photos = PhotoDesk(desk.database)
    await photos.open()
    if has_image:
        await photos.store(photo("a"), picture())
    venue = await desk.find("the-crown")
    await desk.check(venue, days_ago)
    assert (await desk.log.state(venue.id)).has_images is has_image
    assert bool(await desk.stale()) is is_due


async def test_r93_oldest_check_first_never_checked_before_all_in_pages(desk: Desk) -> None:
    for number, days_ago in enumerate((30, 300, None, 100, None, 3)):
        venue = await desk.venue(f"v{number}", f"place-{number}")
        if days_ago is not None:
            await desk.check(venue, days_ago)
    chosen = await desk.log.stale_venues(TERMS, ["google_places"], 3, NOON)
    assert chosen.venues == ("v2", "v4", "v1")
    assert (chosen.total, chosen.stale, chosen.filtered, chosen.no_id) == (6, 5, 1, 0)
    assert await desk.stale("google_places") == ("v2", "v4", "v1", "v3", "v0")


async def test_r93_a_failed_check_is_none_and_goes_behind_the_others(desk: Desk) -> None:
    failed, checked = await desk.venue("failed"), await desk.venue("checked")
    await desk.check(checked, 200)
    await desk.check(failed, 1, status="error")
    assert await desk.stale() == ("checked", "failed")
    assert (await desk.log.state(failed.id)).last_checked_at is None
    await desk.check(checked, 0.5, status="error")
    assert (await desk.log.state(checked.id)).last_checked_at == NOON - 200 * DAY, "the stamp of the last good one"
    assert await desk.stale() == ("failed", "checked")


async def test_r109_who_has_no_id_at_an_asked_provider_is_counted(desk: Desk) -> None:
    await desk.venue("by-source", "place-1")
    await desk.venue("nameless")
    await desk.venue("by-hand")
    await desk.identify("by-hand", "here", "h-1")
    chosen = await desk.log.stale_venues(TERMS, ["here"], None, NOON)
    assert (chosen.venues, chosen.no_id) == (("by-hand",), 2)
    assert await desk.stale("google_places", "here") == ("by-source", "by-hand")
    assert len(await desk.stale()) == 3, "a provider that needs no id is asked for all"


# --- what is kept -----------------------------------------------------------------------------------------------


async def test_5_5_the_state_comes_back_as_it_was_saved(desk: Desk) -> None:
    venue = await desk.venue("the-crown")
    assert await desk.log.state(venue.id) == EnrichmentState()
    await desk.log.save(outcome(venue), (), NOON)
    state = await desk.log.state(venue.id)
    assert (state.last_checked_at, state.last_status, state.last_summary) == (
        NOON, EnrichmentStatus.SUCCESS, "1 of 2 photos stored",
    )  # fmt: skip
    assert (state.completeness, state.providers_used, state.cost) == (0.5, ("google_places",), 0.0273)
    assert state.providers["google_places"] == {
        "status": "listed", "images": 2, "requests": 1, "cost": 0.0123, "at": NOON.isoformat(),
    }  # fmt: skip
    assert state.providers["here"] == {
        "status": "failed", "why": "rate_limited", "images": 0, "requests": 3, "cost": 0.015, "status_code": 429,
        "message": "quota used up",
    }  # fmt: skip
    [entry] = state.history
    assert (entry.at, entry.providers, entry.listed, entry.added, entry.cost) == (
        NOON, ("google_places", "here"), 2, 0, 0.0273,
    )  # fmt: skip


async def test_5_5_what_another_provider_said_before_stays(desk: Desk) -> None:
    venue = await desk.venue("the-crown")
    await desk.log.save(outcome(venue), (), NOON)
    later = NOON + DAY
    only_here = outcome(
        venue, run_id=str(uuid4()), started_at=later, listings=(ProviderListing("here", ListingStatus.EMPTY),)
    )
    await desk.log.save(only_here, (), later)
    state = await desk.log.state(venue.id)
    assert {slug: details["status"] for slug, details in state.providers.items()} == {
        "google_places": "listed", "here": "empty", "unsplash": "not_asked",
    }  # fmt: skip
    assert [entry.at for entry in state.history] == [later, NOON]


async def test_r104_ten_attempts_are_kept_and_every_run(desk: Desk) -> None:
    venue = await desk.venue("the-crown")
    for number in range(12):
        await desk.check(venue, 12 - number)
    history = (await desk.log.state(venue.id)).history
    assert [entry.at for entry in history] == [NOON - days * DAY for days in range(1, 11)]
    assert len(await desk.query("SELECT * FROM enrichment_runs")) == 12


async def test_a_lost_commit_is_resolved_by_saving_again(desk: Desk) -> None:
    venue = await desk.venue("the-crown")
    for _ in range(2):
        await desk.log.save(outcome(venue), (), NOON)
    assert len((await desk.log.state(venue.id)).history) == 1
    assert len(await desk.query("SELECT * FROM enrichment_runs")) == 1


async def test_retry_only_keeps_a_run_and_no_state(desk: Desk) -> None:
    venue = await desk.venue("the-crown")
    await desk.log.save(outcome(venue, mode=EnrichmentMode.RETRY_ONLY, listings=()), (), NOON)
    assert await desk.log.state(venue.id) == EnrichmentState()
    [run] = await desk.query("SELECT mode, cost, providers FROM enrichment_runs")
    assert (run["mode"], float(run["cost"]), run["providers"]) == ("retry_only", 0.0, {})


async def test_5_6_a_run_keeps_its_context_and_figures(desk: Desk) -> None:
    venue = await desk.venue("the-crown", "ChIJ-1")
    await desk.log.save(outcome(venue), (), NOON)
    [run] = await desk.query("SELECT * FROM enrichment_runs")
    assert run["context"]["provider_ids"] == {"google_places": ["ChIJ-1"]}
    assert run["context"]["requested_providers"] == ["google_places", "here"]
    assert (run["run_id"], run["venue_total"], run["duration_ms"], str(run["cost"])) == (RUN, 3, 1_234, "0.0273")
    assert set(run["providers"]) == {"google_places", "here", "unsplash"}
    assert run["providers"]["unsplash"] == {
        "status": "not_asked", "why": "missing_key", "images": 0, "requests": 0, "cost": 0.0,
    }  # fmt: skip
    assert json.dumps(run["providers"])


async def test_what_a_listing_says_anew_of_a_stored_photo_is_kept(desk: Desk) -> None:
    photos = PhotoDesk(desk.database)
    await photos.open()
    await photos.store(photo("a"), picture())
    [known] = (await photos.ledger.gallery(photos.venue.id)).photos
    later = NOON + DAY
    listed = photo("a", url="https://lh3.example/moved", attribution="Bo Else", fetched_at=later)
    await desk.log.save(outcome(await desk.find("the-crown")), ((known, listed),), later)
    [renewed] = (await photos.ledger.gallery(photos.venue.id)).photos
    assert (renewed.provider_url, renewed.attribution, renewed.fetched_at) == (
        "https://lh3.example/moved", "Bo Else", later,
    )  # fmt: skip
    assert (renewed.status, renewed.storage_key, renewed.version) == (known.status, known.storage_key, known.version)
