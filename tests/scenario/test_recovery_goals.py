"""What recovery comes to over a directory and over nights (images.md 10, R188-R190; issue 4, must-show 4)."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from support.cleaning import DAY, HOUR, RECOVERY, LaterTime
from support.house import make_options, open_house, provider_sections
from trivia_scraper.demo.photo_providers.photos import ReplicaPhoto
from trivia_scraper.demo.photo_providers.switches import PhotosSwitch
from trivia_scraper.demo.server import Replica
from trivia_scraper.demo.switches import ImageFault, ImageSwitch
from trivia_scraper.pipeline.cleanup import clean_up, clean_up_when_due
from trivia_scraper.pipeline.enrichment import enrich_venue
from trivia_scraper.pipeline.recovery import recover_waiting

REPOSITORY = Path(__file__).parents[2]
PLACE = "place-of-the-crown"
LIMITED = (1, 2, 4, 5, 7, 9)
VENUES = 200 if os.environ.get("TRIVIA_TEST_CRASHES") == "all" else 60
"""Issue 4 says 200, and `python -m bench.recovery` shows them; of 60 none may be left."""


async def test_r190_nearly_everything_is_stored_after_one_night(
    tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Venues of 10 photos, two fifths refused by 429 throughout the run: >= 98 % stored, < 1 % of venues left."""
    monkeypatch.syspath_prepend(str(REPOSITORY))
    from bench import recovery

    figures = await recovery.measure(tmp_path, {"url": database_url}, VENUES)
    with capsys.disabled():
        print("", *recovery.rows(figures), sep="\n  ")
    assert (figures["venues"], figures["photos"]) == (VENUES, 10 * VENUES)
    assert figures["after_run"]["stored_pct"] == pytest.approx(60, abs=5)
    assert figures["after_run"]["venues_with_transient_pct"] > 90
    assert figures["counters"]["transient_queued"] > 0.9 * VENUES
    assert figures["counters"]["errors"] == 0
    assert all(met for *_, met in recovery.goals(figures)), recovery.goals(figures)
    assert figures["listings_asked_for_by_recovery"] == 0


class TestNights:
    """R189: 4 of 10 stored, 6 rate-limited; 9 after night one, 10 after night two, and nobody does anything."""

    @pytest.fixture
    async def crown(self, tmp_path: Path, database_url: str, replica: Replica) -> Any:
        """The venue after the run that found its photos."""
        photos = tuple(ReplicaPhoto(id=f"p{number}", width=640, height=480) for number in range(1, 11))
        replica.site.flip(PhotosSwitch(provider="google_places", place=PLACE, photos=photos))
        sections = {"providers": provider_sections(replica, "google_places")}
        async with open_house(tmp_path, database_url, replica, **sections) as house:
            [venue] = await house.query(
                "INSERT INTO venues (slug, name, name_key, country, timezone, fact_source, saved_at, created_at,"
                " updated_at) VALUES ('the-crown', 'The Crown', 'crown', 'GB', 'Europe/London', 'x', now(), now(),"
                " now()) RETURNING id"
            )
            await house.query(
                "INSERT INTO venue_provider_ids VALUES ($1, 'google_places', $2, now())", venue["id"], PLACE
            )
            time = LaterTime(0 * HOUR)
            house.services = time.of(house.services, random=lambda: 0.99)
            limit(replica, *LIMITED)
            await enrich_venue("the-crown", make_options(), house.services)
            yield house, time

    async def test_r188_r189_nine_after_the_first_night_ten_after_the_second(
        self, crown: Any, replica: Replica
    ) -> None:
        house, time = crown
        assert await states(house) == {"uploaded": 4, "failed": 6}
        calls = replica.provider_calls()
        nights = []
        for still_limited in ((9,), ()):
            replica.site.switches.images.clear()
            limit(replica, *still_limited)
            time.ahead += DAY
            cleaned = await clean_up(make_options(), house.services, RECOVERY)
            await recover_waiting(make_options(), house.services)
            nights.append((cleaned.counters["transient_queued"], await states(house)))
        assert nights == [(1, {"uploaded": 9, "failed": 1}), (1, {"uploaded": 10})]
        assert replica.provider_calls() == calls
        [row] = await house.query("SELECT max(retried_at - created_at) AS waited FROM images")
        assert row["waited"] < 2 * DAY + HOUR

    async def test_r170_the_schedule_queues_what_the_queue_recovers(self, crown: Any, replica: Replica) -> None:
        """The trigger of every night: what is due is taken, owners are queued, and the queue is worked by itself."""
        house, time = crown
        replica.site.switches.images.clear()
        time.ahead += DAY
        await clean_up_when_due("daemon 1", RECOVERY, make_options(), house.services)
        await clean_up_when_due("daemon 2", RECOVERY, make_options(), house.services)
        worked = await recover_waiting(make_options(), house.services)
        assert worked.counts["newly_uploaded"] == 6
        assert await states(house) == {"uploaded": 10}
        assert (await recover_waiting(make_options(), house.services)).counts["owners"] == 0


def limit(replica: Replica, *numbers: int) -> None:
    """These photos are answered by 429 from now on."""
    for number in numbers:
        path = f"/photo-cdn/google_places/p{number}.jpg"
        replica.site.flip(ImageSwitch(path=path, fault=ImageFault.STATUS, status=429))


async def states(house: Any) -> dict[str, int]:
    """How many images there are of each state."""
    return dict(Counter(row["status"] for row in await house.query("SELECT status FROM images")))
