"""All six sources together: complete venues, a quiet second run, a day on which things changed."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from support.house import House, open_house
from support.replica import running_replica
from trivia_scraper.demo.switches import VenueSwitch
from trivia_scraper.domain.outcomes import IndexVerdict, SkipReason
from trivia_scraper.sources import SOURCES

CURRENCIES = {"GB": "GBP", "IE": "EUR", "US": "USD", "CA": "CAD", "AU": "AUD", "AE": "AED", "CY": "EUR", "PL": "PLN"}
# A weekday, a fee and a place that are to change at each source; quizmeisters and geeks_who_drink are always free,
# and Inquizition's fee is a constant.
WITH_FEES = ("question_one", "speed_quizzing", "pubquiz_pl")


@dataclass(frozen=True)
class Spot:
    """A stored event that one listing of one source shows, alone."""

    source: str
    key: str
    event_id: int
    weekday: int
    fee_minor: int | None


async def lone_events(house: House, source: str) -> list[Spot]:
    """Events of venues with one evening that only this source knows."""
    rows = await house.query(
        """
        SELECT es.source, es.key, e.id AS event_id, e.weekday, e.fee_minor
        FROM events e JOIN event_sources es ON es.event_id = e.id
        WHERE e.status = 'active' AND e.ordinals = '{}' AND e.frequency = 'weekly'
          AND (SELECT count(*) FROM events o WHERE o.venue_id = e.venue_id) = 1
          AND (SELECT count(*) FROM venue_keys k WHERE k.venue_id = e.venue_id) = 1
          AND es.source = $1
        ORDER BY e.id
        """,
        source,
    )
    return [Spot(**row) for row in rows]


async def test_5_1_every_venue_of_all_six_is_complete(tmp_path: Path, database_url: str) -> None:
    async with running_replica() as replica, open_house(tmp_path, database_url, replica) as house:
        report = await house.run()
        assert report.failures == []
        assert set(report.sources) == set(SOURCES)
        for slug, source in report.sources.items():
            assert source.verdict is IndexVerdict.COMPLETE, slug
            assert source.created + source.updated + source.unchanged + source.gone == source.visited, slug
            assert source.created >= 20, slug
        for venue in await house.venues():
            assert venue.name
            assert venue.address, venue.slug
            assert venue.country in CURRENCIES, venue.slug
            assert venue.timezone, venue.slug
            # SpeedQuizzing's pages leave postcodes out now and then; every other source's are complete.
            if not any(sighting.source == "speed_quizzing" for event in venue.events for sighting in event.sources):
                assert venue.postcode, venue.slug
            assert venue.latitude is not None, venue.slug
            assert venue.longitude is not None, venue.slug
            assert venue.events, venue.slug
            for event in venue.events:
                assert event.currency == CURRENCIES[venue.country], venue.slug
                assert 1 <= event.weekday <= 7
                assert event.start_time


async def test_5_1_with_a_limit_each_source_gives_its_first_three(tmp_path: Path, database_url: str) -> None:
    async with running_replica() as replica, open_house(tmp_path, database_url, replica) as house:
        report = await house.run(limit=3)
        assert report.failures == []
        assert {slug: source.visited for slug, source in report.sources.items()} == dict.fromkeys(SOURCES, 3)


async def changes_of_last_run(house: House) -> Counter[tuple[str, str]]:
    rows: list[dict[str, Any]] = await house.query(
        "SELECT source, kind, count(*) AS n FROM changes"
        " WHERE run_id = (SELECT id FROM runs ORDER BY started_at DESC LIMIT 1) GROUP BY 1, 2"
    )
    return Counter({(row["source"], row["kind"]): row["n"] for row in rows})


async def test_5_4_a_quiet_day_changes_nothing_and_a_busy_one_what_it_should(
    tmp_path: Path, database_url: str
) -> None:
    limits = {"complete_runs_before_missing": 1}
    async with running_replica() as replica, open_house(tmp_path, database_url, replica, limits=limits) as house:
        await house.run()
        facts = "SELECT * FROM {} ORDER BY id"
        before = [await house.query(facts.format(table)) for table in ("venues", "events", "performers", "images")]

        quiet = await house.run(force_update=True)
        assert {slug: (s.created, s.updated) for slug, s in quiet.sources.items()} == dict.fromkeys(SOURCES, (0, 0))
        assert await changes_of_last_run(house) == Counter()
        after = [await house.query(facts.format(table)) for table in ("venues", "events", "performers")]
        assert after == before[:3]

        expected: Counter[tuple[str, str]] = Counter()
        for slug in SOURCES:
            moved, other, gone = (await lone_events(house, slug))[:3]
            house.replica.site.flip(VenueSwitch(provider=slug, key=moved.key, weekday=moved.weekday % 7 + 1))
            expected[slug, "event_moved"] += 1
            house.replica.site.flip(VenueSwitch(provider=slug, key=gone.key, vanished=True))
            expected[slug, "vanished"] += 1
            if slug in WITH_FEES:
                fee = {"pubquiz_pl": "25,00 zł"}.get(slug, "£7.50")
                house.replica.site.flip(VenueSwitch(provider=slug, key=other.key, fee=fee))
                expected[slug, "event_fee"] += 1
                # SpeedQuizzing states its fee in the description, and nowhere else.
                expected[slug, "event"] += slug == "speed_quizzing"
        busy = await house.run(force_update=True)
        assert busy.failures == []
        assert await changes_of_last_run(house) == expected
        assert sum(source.closed for source in busy.sources.values()) == len(SOURCES)


@pytest.mark.parametrize("slug", SOURCES)
async def test_n6_a_fresh_venue_is_skipped_and_said_to_be(tmp_path: Path, database_url: str, slug: str) -> None:
    async with running_replica(8) as replica, open_house(tmp_path, database_url, replica) as house:
        await house.run(sources=(slug,))
        again = (await house.run(sources=(slug,))).sources[slug]
        assert (again.created, again.updated, again.failed) == (0, 0, 0)
        assert again.skipped[SkipReason.FRESH] > 0
