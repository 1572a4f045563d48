"""Galleries recovered from their stored addresses: the replica's photo providers, the whole house (images.md 8)."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from support.galleries import GalleryHouse, open_gallery_house, photos_at, snaps
from support.house import make_options
from support.replica import running_replica
from trivia_scraper.demo.photo_providers.switches import PhotoReferencesSwitch
from trivia_scraper.demo.server import Replica
from trivia_scraper.demo.switches import ImageFault, ImageSwitch
from trivia_scraper.domain.models import OwnerKind
from trivia_scraper.domain.recovery import RecoveryEnd, RecoveryReport, RecoveryRequest
from trivia_scraper.pipeline.recovery import recover, recover_owner

PLACE = "place-of-the-crown"
ALL_DUE = RecoveryRequest(include_ambiguous=False, all_due=True)
OPTIONS = make_options(retry_failed_only=True)


@pytest.fixture
async def replica() -> AsyncIterator[Replica]:
    async with running_replica(2) as running:
        yield running


@pytest.fixture
async def galleries(tmp_path: Path, database_url: str, replica: Replica) -> AsyncIterator[GalleryHouse]:
    """One venue with four photos at Google, and an account there."""
    async with open_gallery_house(tmp_path, database_url, replica) as opened:
        await opened.open_venue(ids={"google_places": PLACE})
        photos_at(replica, "google_places", PLACE, *snaps("g", 4))
        yield opened


def limit(replica: Replica, *photo_ids: str, status: int = 429, **more: int) -> None:
    """These photos are answered so from now on."""
    for photo_id in photo_ids:
        path = f"/photo-cdn/google_places/{photo_id}.jpg"
        replica.site.flip(ImageSwitch(path=path, fault=ImageFault.STATUS, status=status, **more))


async def retried(galleries: GalleryHouse, request: RecoveryRequest = ALL_DUE) -> RecoveryReport:
    """A recovery a minute later, with a log of its own."""
    galleries.clock.let_pass(dt.timedelta(minutes=1))
    galleries.clock.waits.clear()
    return await recover(request, OPTIONS, galleries.new_run())


async def test_r144_r201_a_gallery_is_completed_without_asking_its_provider(
    galleries: GalleryHouse, replica: Replica
) -> None:
    """R117, R124, R149, R164: by the enrichment's store path, with the key in the request and nowhere else."""
    limit(replica, "g-1", "g-3")
    outcome = await galleries.enrich()
    assert (outcome.uploaded, outcome.failed) == (2, 2)
    replica.site.switches.images.clear()
    replica.site.log.reset()

    report = await retried(galleries)

    assert report.message == "2 newly uploaded, 0 still failed"
    assert replica.provider_calls() == 0
    assert replica.photo_downloads() == 2
    rows = await galleries.rows()
    assert [row["status"] for row in rows] == ["uploaded"] * 4
    assert [row["position"] for row in rows] == [1, 2, 3, 4]
    assert [row["quality_score"] for row in rows] == sorted((row["quality_score"] for row in rows), reverse=True)
    assert [row["retry_count"] for row in rows if row["retried_at"] is not None] == [1, 1]
    key = replica.photo_keys["google_places"]
    assert not [row for row in rows if key in str(row)]
    assert key not in str(galleries.house.events())
    assert await galleries.house.problems() == []


async def test_r128_r148_google_gets_half_a_second_and_more_after_a_429(
    galleries: GalleryHouse, replica: Replica
) -> None:
    """R223: what a 429 taught is waited for in the next recovery, too."""
    limit(replica, "g-1", "g-2", "g-3", "g-4", status=503)
    await galleries.enrich()
    replica.site.switches.images.clear()
    limit(replica, "g-1", times=1)
    report = await retried(galleries)
    assert report.counts["newly_uploaded"] == 3
    first, second, third = galleries.clock.waits
    assert {first, second, third} <= {0.5, 1.0}
    assert galleries.clock.waits == sorted(galleries.clock.waits)
    [pace] = await galleries.house.query("SELECT delay_ms FROM provider_state")
    assert pace["delay_ms"] == 1000


async def test_r188_an_expired_reference_waits_for_the_next_listing(
    galleries: GalleryHouse, replica: Replica
) -> None:
    """images.md 2: 400 is http_error, ambiguous: not retried by itself, not closed."""
    limit(replica, "g-2")
    await galleries.enrich()
    replica.site.switches.images.clear()
    replica.site.flip(PhotoReferencesSwitch(place=PLACE))
    report = await retried(galleries)
    [image] = report.images()
    assert (image.end, image.error_type, image.next_retry_at) == (RecoveryEnd.FAILED, "http_error", None)
    assert (await retried(galleries)).counts["still_failed"] == 0
    again = await galleries.enrich(force_update=True)
    assert again.failed == 0
    # The photo is there under its new name; the old name waits for a person, as every ambiguous failure does.
    assert sorted(await galleries.statuses()) == ["failed"] + ["uploaded"] * 4


async def test_r163_enrichment_and_recovery_of_a_venue_take_turns(galleries: GalleryHouse, replica: Replica) -> None:
    """Both at once: each photo is one row and one file, whoever fetched it."""
    limit(replica, "g-1", "g-2", "g-3")
    await galleries.enrich()
    replica.site.switches.images.clear()
    galleries.clock.let_pass(dt.timedelta(minutes=1))
    [venue] = await galleries.house.query("SELECT id FROM venues")
    request = RecoveryRequest(include_ambiguous=False)
    replica.site.log.reset()
    await asyncio.gather(
        recover_owner(OwnerKind.VENUE, venue["id"], request, OPTIONS, galleries.new_run()),
        galleries.enrich(force_update=True),
        recover_owner(OwnerKind.VENUE, venue["id"], request, OPTIONS, galleries.new_run()),
    )
    assert await galleries.statuses() == ["uploaded"] * 4
    assert replica.photo_downloads() == 3
    assert await galleries.house.problems() == []


async def test_a_closed_door_of_a_host_costs_no_attempt(galleries: GalleryHouse, replica: Replica) -> None:
    """R147, R188: a photo that is asked for while its host wants to be left alone counts nothing and is due then."""
    limit(replica, "g-1", "g-2", status=503)
    await galleries.enrich()
    limit(replica, "g-1", "g-2", status=429, retry_after=3600)
    report = await retried(galleries)
    assert (report.counts["still_failed"], report.counts["not_due"]) == (1, 1)
    failed = [row for row in await galleries.rows() if row["status"] == "failed"]
    assert sorted(row["retry_count"] for row in failed) == [0, 1]
    assert all(row["next_retry_at"] - galleries.clock.now() > dt.timedelta(minutes=59) for row in failed)
    replica.site.switches.images.clear()
    # A real second has not passed, so the fetcher itself still keeps the door shut: that counts nothing either.
    await galleries.house.query("UPDATE images SET next_retry_at = NULL WHERE status = 'failed'")
    await galleries.house.query("DELETE FROM breakers")
    await retried(galleries)
    after = [row for row in await galleries.rows() if row["status"] == "failed"]
    assert sorted(row["retry_count"] for row in after) == [0, 1]
    assert all(row["next_retry_at"] is not None for row in after)
