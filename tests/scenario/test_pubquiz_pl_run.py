"""PubQuiz.pl through the real run: two levels of index, whole venues, closed ones, changes (sources.md 7)."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from support.house import House, open_house
from trivia_scraper.demo.pubquiz_pl import address_of, dates_of
from trivia_scraper.demo.server import serve_replica
from trivia_scraper.demo.switches import IndexFault, IndexSwitch, VenueSwitch
from trivia_scraper.demo.world import Quirk, ReplicaVenue, ScheduleShown
from trivia_scraper.domain.directory import VenueView
from trivia_scraper.domain.failures import ErrorType
from trivia_scraper.domain.outcomes import IndexVerdict, SourceReport
from trivia_scraper.text.fee import read_fee

SLUG = "pubquiz_pl"
CITIES = 16


@pytest.fixture
async def forty(tmp_path: Path, database_url: str) -> AsyncIterator[House]:
    async with serve_replica(picture_scale=0.2) as replica, open_house(tmp_path, database_url, replica) as opened:
        yield opened


async def read(house: House) -> SourceReport:
    return (await house.run(sources=(SLUG,), force_update=True)).sources[SLUG]


async def by_key(house: House) -> dict[str, VenueView]:
    rows = await house.query("SELECT key, slug FROM venue_keys JOIN venues ON id = venue_id WHERE source = $1", SLUG)
    return {row["key"]: await house.venue(row["slug"]) for row in rows}


def open_venues(house: House) -> list[ReplicaVenue]:
    return [venue for venue in house.replica.site.venues(SLUG) if Quirk.STALE_PAGE not in venue.quirks]


async def next_dates(house: House, key: str) -> dict[int, dt.date]:
    rows = await house.query(
        "SELECT weekday, next_date FROM events JOIN venue_keys USING (venue_id) WHERE key = $1 AND closed_at IS NULL",
        key,
    )
    return {row["weekday"]: row["next_date"] for row in rows}


async def test_every_venue_comes_in_whole_and_a_second_run_changes_nothing(forty: House) -> None:
    first = await read(forty)
    assert first.failures == []
    assert (first.verdict, first.index_pages, first.listed) == (IndexVerdict.COMPLETE, 1 + CITIES, 40)
    assert (first.created, first.gone, first.failed) == (39, 1, 0)  # a 404 is an ordinary end
    assert not first.rejected_reasons
    stored = await by_key(forty)
    assert len({view.id for view in stored.values()}) == 39
    for venue in open_venues(forty):
        seen = stored[venue.key]
        assert (seen.name, seen.address, seen.city) == (venue.name, address_of(venue), venue.place.name)
        assert (seen.street, seen.country, seen.timezone) == (venue.street, "PL", "Europe/Warsaw")
        assert seen.postcode == venue.postcode  # on the page, else from the look-up
        assert bool(seen.phone) == bool(venue.phone)
        shown = {(event.weekday, event.start_time) for event in seen.events}
        assert shown == {(evening.weekday, f"{evening.start:%H:%M}") for evening in venue.evenings}
        assert {event.fee_minor for event in seen.events} == {read_fee(venue.fee, "PL").fee_minor}
        assert {event.currency for event in seen.events} == {"PLN"}
        assert {event.performer for event in seen.events} == {venue.host.name if venue.host else None}
        assert await next_dates(forty, venue.key) == {e.weekday: dates_of(e)[0] for e in venue.evenings}
    pictures = {image.owner for image in await forty.images() if image.role == "hero"}
    assert len(pictures) == sum(venue.hero is not None for venue in open_venues(forty))

    second = await read(forty)
    assert (second.created, second.updated, second.gone) == (0, 0, 1)
    assert await forty.problems() == []


async def test_the_league_is_no_city_and_each_city_is_asked_for_once(forty: House) -> None:
    await read(forty)
    log = forty.replica.site.log
    assert log.count(f"/{SLUG}/kategoria-produktu/liga-miast/") == 0
    assert log.count(f"/{SLUG}/kategoria-produktu/lodz/") == 1
    assert log.count(f"/{SLUG}/bilety/") == 1


async def test_names_lose_the_shops_prefix(forty: House) -> None:
    await read(forty)
    assert not [view.name for view in (await by_key(forty)).values() if "quiz" in view.name.casefold()]


async def test_a_city_that_cannot_be_read_closes_nothing(forty: House) -> None:
    await read(forty)
    forty.replica.site.flip(IndexSwitch(provider=SLUG, fault=IndexFault.STATUS, only="/lodz/"))
    report = await read(forty)
    assert report.verdict is IndexVerdict.TRUNCATED
    assert [(failure.subject, failure.error_type) for failure in report.failures] == [
        ("index", ErrorType.SERVER_ERROR)
    ]
    assert report.closed == 0
    assert report.usable == 37  # the other cities were read


async def test_an_index_without_pills_is_a_changed_page(forty: House) -> None:
    forty.replica.site.flip(IndexSwitch(provider=SLUG, fault=IndexFault.HTML))
    report = await read(forty)
    assert report.verdict is IndexVerdict.FAILED
    assert [failure.error_type for failure in report.failures] == [ErrorType.INVALID_RESPONSE]


async def test_7_2_a_venue_without_products_comes_in_without_an_event_and_is_no_failure(forty: House) -> None:
    venue = open_venues(forty)[0]
    forty.replica.site.flip(VenueSwitch(provider=SLUG, key=venue.key, schedule_shown=ScheduleShown.NOWHERE))
    for _ in range(2):
        report = await read(forty)
        assert (report.verdict, report.failed, report.failures) == (IndexVerdict.COMPLETE, 0, [])
        stored = (await by_key(forty))[venue.key]
        assert (stored.name, stored.address, stored.events) == (venue.name, address_of(venue), ())
    assert report.updated == 0
    forty.replica.site.clear()
    assert (await read(forty)).updated == 1
    assert len((await by_key(forty))[venue.key].events) == len(venue.evenings)


async def test_7_2_the_last_product_gone_closes_the_event_and_a_new_one_opens_it(forty: House) -> None:
    await read(forty)
    venue = next(venue for venue in open_venues(forty) if not venue.quirks)
    (before,) = (await by_key(forty))[venue.key].events
    forty.replica.site.flip(VenueSwitch(provider=SLUG, key=venue.key, schedule_shown=ScheduleShown.NOWHERE))
    report = await read(forty)
    assert (report.updated, report.failed, report.failures) == (1, 0, [])
    (closed,) = (await by_key(forty))[venue.key].events
    assert (closed.id, closed.status) == (before.id, "closed")
    assert not forty.events("page.shape_changed")  # an ordinary state: nothing to archive
    assert (await read(forty)).updated == 0
    forty.replica.site.clear()
    assert (await read(forty)).updated == 1
    (again,) = (await by_key(forty))[venue.key].events
    assert (again.id, again.status) == (before.id, "active")
    assert await forty.problems() == []


async def test_a_moved_weekday_and_a_new_price_in_one_run(forty: House) -> None:
    await read(forty)
    moved, dearer = [venue for venue in open_venues(forty) if not venue.quirks][:2]
    weekday = moved.evenings[0].weekday % 7 + 1
    forty.replica.site.flip(VenueSwitch(provider=SLUG, key=moved.key, weekday=weekday))
    forty.replica.site.flip(VenueSwitch(provider=SLUG, key=dearer.key, fee="32,50 zł"))
    report = await read(forty)
    assert (report.updated, report.created) == (2, 0)
    stored = await by_key(forty)
    assert [event.weekday for event in stored[moved.key].events] == [weekday]
    assert [event.fee_minor for event in stored[dearer.key].events] == [3250]


async def test_a_venue_that_closes_later_is_gone_and_no_failure(forty: House) -> None:
    await read(forty)
    forty.replica.site.flip(VenueSwitch(provider=SLUG, key=open_venues(forty)[0].key, page_status=404))
    report = await read(forty)
    assert (report.gone, report.failed, report.failures) == (2, 0, [])
