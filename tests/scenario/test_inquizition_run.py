"""Inquizition through the real run: whole venues, evenings that move, keys that stay out (sources.md 4, E5, N8)."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from support.house import House, open_house
from support.replica import running_replica
from trivia_scraper.demo.inquizition import TENANT_KEYS
from trivia_scraper.demo.switches import IndexFault, IndexSwitch, VenueSwitch
from trivia_scraper.demo.world import Quirk, ReplicaVenue, ScheduleShown
from trivia_scraper.domain.directory import EventView, VenueView
from trivia_scraper.domain.outcomes import IndexVerdict, SkipReason, SourceReport

SLUG = "inquizition"
UNUSABLE = {Quirk.NO_TIME, Quirk.NO_ADDRESS}


@pytest.fixture
async def forty(tmp_path: Path, database_url: str) -> AsyncIterator[House]:
    async with running_replica() as replica, open_house(tmp_path, database_url, replica) as opened:
        yield opened


async def read(house: House) -> SourceReport:
    report = await house.run(sources=(SLUG,), force_update=True)
    assert report.failures == []
    return report.sources[SLUG]


async def by_key(house: House) -> dict[str, VenueView]:
    rows = await house.query("SELECT key, slug FROM venue_keys JOIN venues ON id = venue_id WHERE source = $1", SLUG)
    return {row["key"]: await house.venue(row["slug"]) for row in rows}


def usable(house: House) -> list[ReplicaVenue]:
    return [venue for venue in house.replica.site.venues(SLUG) if not venue.quirks & UNUSABLE]


def named(house: House, name: str) -> ReplicaVenue:
    return next(venue for venue in house.replica.site.venues(SLUG) if venue.name == name)


def evenings_of(venue: VenueView) -> set[tuple[int, str]]:
    return {(event.weekday, event.start_time) for event in venue.events}


async def test_every_pub_comes_in_whole_and_a_second_run_changes_nothing(forty: House) -> None:
    first = await read(forty)
    assert (first.verdict, first.listed, first.index_pages) == (IndexVerdict.COMPLETE, 40, 1)
    assert first.skipped == Counter({SkipReason.REJECTED: 2})
    assert first.rejected_reasons == Counter({"schedule without time": 1, "no address": 1})
    assert first.created == 38
    refused = [entry["issue"] for entry in forty.events("fact.refused")]
    assert refused == ["coordinates: no position on land"]  # (0, 0) is no position; the pub is stored all the same
    stored = await by_key(forty)
    assert set(stored) == {venue.key for venue in usable(forty)}
    for pub in usable(forty):
        venue = stored[pub.key]
        assert (venue.name, venue.postcode, venue.city) == (pub.name, pub.postcode, pub.place.city)
        assert (venue.country, venue.timezone) == ("GB", "Europe/London")
        assert venue.address
        assert pub.street in venue.address
        assert evenings_of(venue) == {(evening.weekday, f"{evening.start:%H:%M}") for evening in pub.evenings}
        assert {(event.fee_minor, event.currency, event.frequency) for event in venue.events} == {
            (250, "GBP", "weekly")
        }
        assert {sighting.url for event in venue.events for sighting in event.sources} == {
            f"https://inquizition.com/find-a-quiz/#{pub.key}"
        }
        if Quirk.NO_POSITION not in pub.quirks:
            assert (venue.latitude, venue.longitude) == (round(pub.latitude, 6), round(pub.longitude, 7))
    assert await forty.images() == []

    second = await read(forty)
    assert (second.created, second.updated, second.unchanged) == (0, 0, 38)
    assert await forty.problems() == []


async def test_4_4_pubs_of_one_name_stay_apart(forty: House) -> None:
    """V1: by store id, else by name and postcode; never by name alone, nothing appended to the name."""
    await read(forty)
    names = Counter(venue.name for venue in await forty.venues(SLUG))
    assert (names["The Railway"], names["The White Horse"]) == (2, 3)
    horses = [venue for venue in await forty.venues(SLUG) if venue.name == "The White Horse"]
    assert len({venue.postcode for venue in horses}) == 3


async def test_a_place_id_is_kept_where_there_is_one(forty: House) -> None:
    await read(forty)
    rows = await forty.query("SELECT place_id FROM venues WHERE place_id IS NOT NULL")
    assert len(rows) == sum(Quirk.PLACE_ID in venue.quirks for venue in usable(forty)) == 1


async def one_tun(house: House) -> tuple[EventView, ...]:
    (venue,) = [venue for venue in await house.venues(SLUG) if venue.name == "The One Tun"]
    return venue.events


async def test_e2_e5_the_one_tun_moves_and_ends_with_one_evening(house: House) -> None:
    """4.4: several weekday changes once left one venue with events on days 1, 2 and 4, all seen in one second."""
    await read(house)
    pub = named(house, "The One Tun")
    (before,) = await one_tun(house)
    days = [day for day in (1, 2, 4, 5) if day != before.weekday][:3]
    for day in days:
        house.replica.site.flip(VenueSwitch(provider=SLUG, key=pub.key, weekday=day))
        assert (await read(house)).updated == 1
        (event,) = await one_tun(house)
        assert (event.id, event.weekday, event.status) == (before.id, day, "active")
    moves = await house.query("SELECT kind FROM changes WHERE event_id = $1 AND kind = 'event_moved'", before.id)
    assert len(moves) == len(days)


async def test_e2_a_filter_that_is_gone_closes_its_evening_only(house: House) -> None:
    """Several filters are several evenings; one that moves leaves the other where it is."""
    await read(house)
    pub = next(venue for venue in usable(house) if Quirk.TWO_WEEKDAYS in venue.quirks)
    first, other = pub.evenings
    free = next(day for day in range(1, 8) if day not in (first.weekday, other.weekday))
    house.replica.site.flip(VenueSwitch(provider=SLUG, key=pub.key, weekday=free))
    await read(house)
    running = [event for event in (await by_key(house))[pub.key].events if event.status != "closed"]
    assert {event.weekday for event in running} == {free, other.weekday}


async def test_e5_the_evening_of_another_provider_is_not_touched(house: House) -> None:
    """V1, E5: two providers at one pub are one venue; reading one of them refreshes its own evening only."""
    await house.run(sources=("question_one", SLUG))
    same, other = (house.replica.site.venues(SLUG)[number] for number in (1, 2))
    stored = await by_key(house)
    (shared,) = stored[same.key].events
    assert {sighting.source for sighting in shared.sources} == {"question_one", SLUG}
    assert (stored[same.key].latitude, stored[same.key].postcode) == (round(same.latitude, 6), same.postcode)
    apart = {event.sources[0].source: event for event in stored[other.key].events}
    assert set(apart) == {"question_one", SLUG}
    assert apart["question_one"].weekday != apart[SLUG].weekday

    await read(house)
    now = {event.sources[0].source: event for event in (await by_key(house))[other.key].events}
    assert now["question_one"] == apart["question_one"]
    assert now[SLUG].sources[0].last_processed_at > apart[SLUG].sources[0].last_processed_at  # type: ignore[operator]


async def test_a_schedule_that_is_gone_is_a_rejection_with_its_reason(house: House) -> None:
    """4.3, T7: without weekday and time nothing is stored; what was known stays."""
    await read(house)
    pub = named(house, "The One Tun")
    before = await one_tun(house)
    house.replica.site.flip(VenueSwitch(provider=SLUG, key=pub.key, schedule_shown=ScheduleShown.NOWHERE))
    report = await read(house)
    assert report.rejected_reasons == Counter({"schedule without weekday and time": 1})
    assert await one_tun(house) == before


async def everything_stored(house: House) -> str:
    """Every row of every table, every kept page, every log line of the last run."""
    tables = await house.query(
        "SELECT quote_ident(schemaname) || '.' || quote_ident(tablename) AS name FROM pg_tables "
        "WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
    )
    rows = [await house.query(f"SELECT t::text FROM {table['name']} t") for table in tables]
    root = house.settings.image_dir
    files = [path.read_text("utf-8", "replace") for path in sorted(root.rglob("*")) if path.is_file()]
    return "\n".join([repr(rows), *files, repr(house.capture.entries)])


@pytest.mark.parametrize("fault", [None, IndexFault.TRUNCATED, IndexFault.EMPTY])
async def test_4_1_n8_no_tenants_key_is_stored_or_logged(house: House, fault: IndexFault | None) -> None:
    """The raw document never reaches database, log or archive: not read, not broken, not empty."""
    await house.run(sources=(SLUG,))
    stored = await everything_stored(house)
    if fault is not None:
        house.replica.site.flip(IndexSwitch(provider=SLUG, fault=fault))
        await house.run(sources=(SLUG,))
        stored += await everything_stored(house)
    assert "The One Tun" in stored
    assert not [key for key in TENANT_KEYS.values() if key in stored]
    kept = list((house.settings.image_dir / ".store" / "unread-pages" / SLUG).glob("*.page"))
    assert len(kept) == (1 if fault is IndexFault.TRUNCATED else 0)
    assert all("expressmaps_api_key" in page.read_text() for page in kept)  # the page is there, its key is not


@pytest.mark.parametrize(
    ("fault", "verdict"),
    [
        (IndexFault.HTML, IndexVerdict.FAILED),
        (IndexFault.TRUNCATED, IndexVerdict.FAILED),
        (IndexFault.EMPTY, IndexVerdict.SUSPECT),
    ],
)
async def test_n9_a_broken_index_closes_nothing(house: House, fault: IndexFault, verdict: IndexVerdict) -> None:
    await read(house)
    before = await house.venues(SLUG)
    house.replica.site.flip(IndexSwitch(provider=SLUG, fault=fault))
    for _ in range(4):
        report = await house.run(sources=(SLUG,))
        assert report.sources[SLUG].verdict is verdict
    assert await house.venues(SLUG) == before
