"""SpeedQuizzing through the real run: stale ids, many countries and spellings, two ids for one pub (sources.md 5)."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from support.house import House, open_house
from trivia_scraper.demo.server import serve_replica
from trivia_scraper.demo.speed_quizzing_page import country_of, next_date
from trivia_scraper.demo.switches import IndexFault, IndexSwitch, VenueSwitch
from trivia_scraper.demo.world import Quirk, ReplicaVenue, ScheduleShown
from trivia_scraper.domain.directory import VenueView
from trivia_scraper.domain.failures import ErrorType
from trivia_scraper.domain.outcomes import IndexVerdict, SkipReason, SourceReport

SLUG = "speed_quizzing"
CURRENCIES = {"GB": "GBP", "IE": "EUR", "US": "USD", "AE": "AED", "CY": "EUR", "AU": "AUD"}


@pytest.fixture
async def forty(tmp_path: Path, database_url: str) -> AsyncIterator[House]:
    async with serve_replica(picture_scale=0.2) as replica, open_house(tmp_path, database_url, replica) as opened:
        yield opened


async def read(house: House) -> SourceReport:
    report = await house.run(sources=(SLUG,), force_update=True)
    assert report.failures == []
    return report.sources[SLUG]


def pubs_of(house: House) -> list[ReplicaVenue]:
    return list(house.replica.site.venues(SLUG))


def stale(house: House) -> int:
    """How many ids of the index have no page."""
    return sum(Quirk.STALE_ID in pub.quirks for pub in pubs_of(house))


async def by_key(house: House) -> dict[str, VenueView]:
    rows = await house.query("SELECT key, slug FROM venue_keys JOIN venues ON id = venue_id WHERE source = $1", SLUG)
    return {row["key"]: await house.venue(row["slug"]) for row in rows}


async def next_dates(house: House) -> dict[str, dt.date]:
    rows = await house.query(
        "SELECT s.key, e.next_date FROM event_sources s JOIN events e ON e.id = s.event_id WHERE s.source = $1", SLUG
    )
    return {row["key"]: row["next_date"] for row in rows}


async def test_every_pub_comes_in_whole_and_a_second_run_changes_nothing(forty: House) -> None:
    first = await read(forty)
    pubs = pubs_of(forty)
    assert (first.verdict, first.index_pages) == (IndexVerdict.COMPLETE, 1)
    assert (len(pubs), first.visited) == (40, 40 + stale(forty))
    assert (first.created + first.updated + first.unchanged, first.gone, first.failed) == (40, stale(forty), 0)
    assert 0.3 <= first.gone / first.visited <= 0.4  # 5.6: normal, counted, no failure
    stored, dates = await by_key(forty), await next_dates(forty)
    assert set(stored) == {pub.key for pub in pubs}
    assert {venue.country for venue in stored.values()} == set(CURRENCIES)
    for pub in pubs:
        venue = stored[pub.key]
        (event,) = venue.events
        evening = pub.evenings[0]
        assert (venue.name, venue.country) == (pub.name, country_of(pub))
        assert venue.address
        assert venue.city
        assert venue.timezone
        assert venue.website is None
        assert (event.weekday, event.start_time) == (evening.weekday, f"{evening.start:%H:%M}"), pub.key
        assert (event.frequency, event.title) == ("weekly", f"SpeedQuizzing at {pub.name}")
        assert event.currency == CURRENCIES[venue.country]
        assert (event.fee_minor is None) == (pub.fee is None or Quirk.NO_DESCRIPTION in pub.quirks)
        assert dates[pub.key] == next_date(evening)
        if Quirk.DEFAULT_PIN not in pub.quirks:
            assert (venue.latitude, venue.longitude) == (pub.latitude, pub.longitude)

    second = await read(forty)
    assert (second.created, second.updated, second.gone) == (0, 0, first.gone)
    assert await forty.problems() == []


async def test_5_5_places_abroad_have_their_own_zone_and_postcode(forty: House) -> None:
    """Venues in Abu Dhabi, Dubai and Dublin were once filed under United Kingdom; 00000 is none."""
    await read(forty)
    found = {(venue.country, venue.city, venue.timezone) for venue in (await by_key(forty)).values()}
    assert {
        ("AE", "Dubai", "Asia/Dubai"),
        ("AE", "Abu Dhabi", "Asia/Dubai"),
        ("IE", "Dublin", "Europe/Dublin"),
        ("US", "Tempe", "America/Phoenix"),
        ("US", "Perinton", "America/New_York"),
        ("CY", "Germasogeia", "Asia/Nicosia"),
        ("AU", "Manly", "Australia/Sydney"),
        ("AU", "Noosa Heads", "Australia/Brisbane"),
    } <= found
    postcodes = {venue.country: venue.postcode for venue in (await by_key(forty)).values()}
    assert postcodes["AE"] is None
    assert all(venue.postcode != "00000" for venue in await forty.venues(SLUG))


async def test_5_5_hosts_lose_their_star_numbers_and_keep_their_pictures(forty: House) -> None:
    await read(forty)
    performers = {event.performer for venue in await forty.venues(SLUG) for event in venue.events} - {None}
    rows = await forty.query("SELECT name FROM performers WHERE source = $1", SLUG)
    names = {row["name"] for row in rows}
    expected = {pub.host.name for pub in pubs_of(forty) if pub.host and pub.host.name}
    assert names == expected
    assert len(performers) == len(expected)
    profiles = [image for image in await forty.images() if image.owner_kind == "performer"]
    pictured = {pub.host.name for pub in pubs_of(forty) if pub.host and pub.host.name and pub.host.picture}
    assert len(profiles) == len(pictured)
    assert all(image.path for image in profiles)
    nameless = [image for image in await forty.images() if image.owner_kind == "venue"]
    assert len(nameless) == 1  # H3: a picture without a name stays with the venue


def move_second_id_to_the_corner(house: House) -> None:
    """The second id of the pub that has two spells its address a little differently from now on."""
    twin = [pub for pub in pubs_of(house) if Quirk.TWO_IDS in pub.quirks][1]
    house.replica.site._by_key[SLUG, twin.key] = replace(twin, street=f"{twin.street} (corner)")


async def test_5_6_two_ids_of_one_pub_are_one_venue(forty: House) -> None:
    """V2: slightly different addresses, one pub, one evening."""
    move_second_id_to_the_corner(forty)
    await read(forty)
    one, other = (pub.key for pub in pubs_of(forty) if Quirk.TWO_IDS in pub.quirks)
    stored = await by_key(forty)
    assert stored[one].id == stored[other].id
    (event,) = stored[one].events
    assert {sighting.url.rstrip("/").rpartition("/")[2] for sighting in event.sources} == {one, other}


async def test_5_6_two_ids_that_differ_do_not_overwrite_each_other_for_ever(forty: House) -> None:
    move_second_id_to_the_corner(forty)
    await read(forty)
    second = await read(forty)
    assert (second.created, second.updated) == (0, 0)


async def test_several_dates_of_one_id_count_once_with_the_earliest(house: House) -> None:
    report = await read(house)
    (pub,) = [pub for pub in pubs_of(house) if Quirk.SEVERAL_DATES in pub.quirks]
    assert report.skipped[SkipReason.DUPLICATE_KEY] == 1
    assert (await next_dates(house))[pub.key] == next_date(pub.evenings[0])


async def test_v1_a_pub_of_inquizition_is_the_same_venue(house: House) -> None:
    await house.run(sources=("inquizition", SLUG))
    shared = house.replica.site.venues(SLUG)[2]
    venue = (await by_key(house))[shared.key]
    told = {sighting.source for event in venue.events for sighting in event.sources}
    assert told == {"inquizition", SLUG}
    assert len([each for each in await house.venues() if each.name == venue.name and each.city == "London"]) == 1


async def test_e2_a_moved_weekday_and_a_changed_fee_come_in(house: House) -> None:
    await read(house)
    pub = pubs_of(house)[0]
    (before,) = (await by_key(house))[pub.key].events
    day = before.weekday % 7 + 1
    house.replica.site.flip(VenueSwitch(provider=SLUG, key=pub.key, weekday=day, fee="£7.50 per team to play"))
    assert (await read(house)).updated == 1
    (now,) = (await by_key(house))[pub.key].events
    assert (now.id, now.weekday, now.fee_minor, now.status) == (before.id, day, 750, "active")


async def test_t7_a_page_without_a_time_fails_alone(house: House) -> None:
    pub = pubs_of(house)[0]
    house.replica.site.flip(VenueSwitch(provider=SLUG, key=pub.key, schedule_shown=ScheduleShown.INDEX_ONLY))
    report = await house.run(sources=(SLUG,))
    (failure,) = report.failures
    assert (failure.error_type, failure.venue) == (ErrorType.INVALID_RESPONSE, f"SpeedQuizzing event {pub.key}")
    assert "no time" in failure.message
    assert report.sources[SLUG].created == len(pubs_of(house)) - 1


async def test_5_6_a_page_that_goes_stale_is_no_failure_and_keeps_its_event(house: House) -> None:
    await read(house)
    pub = pubs_of(house)[0]
    before = Counter(event.status for venue in await house.venues(SLUG) for event in venue.events)
    house.replica.site.flip(VenueSwitch(provider=SLUG, key=pub.key, page_status=404))
    report = await read(house)
    assert report.gone == 1 + stale(house)
    assert Counter(event.status for venue in await house.venues(SLUG) for event in venue.events) == before


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
