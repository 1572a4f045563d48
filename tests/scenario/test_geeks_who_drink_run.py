"""Geeks Who Drink through the real run: whole venues, a nonce kept nowhere, hosts that may fail (sources.md 6)."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from support.house import House, open_house
from trivia_scraper.demo.geeks_who_drink import AJAX_PATH, NONCE
from trivia_scraper.demo.places_america import CANADIAN
from trivia_scraper.demo.server import serve_replica
from trivia_scraper.demo.switches import IndexFault, IndexSwitch, VenueSwitch
from trivia_scraper.demo.world import Cadence, Quirk, ReplicaVenue, ScheduleShown
from trivia_scraper.domain.directory import VenueView
from trivia_scraper.domain.failures import ErrorType
from trivia_scraper.domain.outcomes import IndexVerdict, SkipReason, SourceReport
from trivia_scraper.text.coordinates import Position
from trivia_scraper.text.zones import zone_at

SLUG = "geeks_who_drink"
REJECTED = Counter({"one-off special": 4, "virtual": 2, "bingo": 2, "Quiz for a Cause": 2})
AJAX = f"/{SLUG}{AJAX_PATH}"


@pytest.fixture
async def forty(tmp_path: Path, database_url: str) -> AsyncIterator[House]:
    async with serve_replica(picture_scale=0.2) as replica, open_house(tmp_path, database_url, replica) as opened:
        yield opened


async def read(house: House) -> SourceReport:
    return (await house.run(sources=(SLUG,), force_update=True)).sources[SLUG]


async def by_key(house: House) -> dict[str, VenueView]:
    rows = await house.query("SELECT key, slug FROM venue_keys JOIN venues ON id = venue_id WHERE source = $1", SLUG)
    return {row["key"]: await house.venue(row["slug"]) for row in rows}


def with_quirk(house: House, quirk: Quirk) -> list[ReplicaVenue]:
    return [venue for venue in house.replica.site.venues(SLUG) if quirk in venue.quirks]


def kept_files(folder: Path) -> str:
    return "".join(
        path.read_text("utf-8", "replace") for path in folder.rglob("*") if path.suffix in (".page", ".json")
    )


async def test_every_id_comes_in_whole_and_a_second_run_changes_nothing(forty: House) -> None:
    first = await forty.run(sources=(SLUG,))
    report = first.sources[SLUG]
    assert first.failures == []
    assert (report.verdict, report.index_pages, report.usable) == (IndexVerdict.COMPLETE, 2, 40)
    assert report.rejected_reasons == REJECTED
    assert report.skipped == Counter({SkipReason.REJECTED: 10})
    stored = await by_key(forty)
    for venue in forty.replica.site.venues(SLUG):
        seen = stored[venue.key]
        assert (seen.name, seen.street, seen.city) == (venue.name, venue.street, venue.place.city)
        assert (seen.postcode, seen.region) == (venue.postcode, venue.place.region_code)
        country = "CA" if venue.place.region_code in CANADIAN else "US"
        assert seen.country == country
        assert seen.timezone == zone_at(Position(venue.latitude, venue.longitude))
        (evening,) = venue.evenings
        events = [event for event in seen.events if event.weekday == evening.weekday]
        assert [event.start_time for event in events] == [f"{evening.start:%H:%M}"], venue.name
        assert events[0].currency == {"CA": "CAD", "US": "USD"}[country]
        assert (events[0].fee_minor, events[0].ordinals) == (0, evening.ordinals)
        assert events[0].frequency == evening.cadence.value
        assert events[0].performer == (venue.host.name or None if venue.host else None)
        # Published, or looked up for the one that publishes none.
        assert (seen.latitude, seen.longitude) == pytest.approx((venue.latitude, venue.longitude), abs=1e-4)
    assert {event.frequency for view in stored.values() for event in view.events} == set(Cadence)

    second = await read(forty)
    assert (second.verdict, second.created, second.updated) == (IndexVerdict.COMPLETE, 0, 0)
    assert await forty.problems() == []


async def test_what_the_oddities_amount_to(forty: House) -> None:
    await read(forty)
    stored = await by_key(forty)
    (second,) = with_quirk(forty, Quirk.SECOND_EVENING)
    shared = stored[second.key]
    assert len(shared.events) == 2  # "(Saturday)" is a second evening at the same address
    assert sum(view.id == shared.id for view in stored.values()) == 2
    later = [stored[venue.key].events[0].status for venue in with_quirk(forty, Quirk.STARTS_LATER)]
    assert later == ["starts_later", "starts_later"]
    (branch,) = with_quirk(forty, Quirk.BRANCH)
    assert stored[branch.key].name.endswith("(Calgary)")
    (remark,) = with_quirk(forty, Quirk.REMARK)
    assert "(" not in stored[remark.key].name
    railways = {view.id for view in stored.values() if view.name == "The Railway"}
    assert len(railways) == 2
    badge = [image for image in await forty.images() if "gwd-badge" in (image.provider_url or "")]
    assert badge == []  # one logo on several venues is no picture of any of them


async def test_the_list_answers_500_with_a_valid_body_and_is_read(forty: House) -> None:
    forty.replica.site.flip(IndexSwitch(provider=SLUG, fault=IndexFault.STATUS_WITH_BODY, only=AJAX_PATH))
    report = await read(forty)
    assert (report.verdict, report.usable, report.failures) == (IndexVerdict.COMPLETE, 40, [])
    assert forty.replica.site.log.count(AJAX, status=500) == 1


@pytest.mark.parametrize(
    ("fault", "error_type"),
    [(IndexFault.STATUS, ErrorType.SERVER_ERROR), (IndexFault.HTML, ErrorType.INVALID_RESPONSE)],
)
async def test_a_list_without_blocks_closes_nothing(forty: House, fault: IndexFault, error_type: ErrorType) -> None:
    await read(forty)
    forty.replica.site.flip(IndexSwitch(provider=SLUG, fault=fault, only=AJAX_PATH))
    report = await read(forty)
    assert report.verdict is IndexVerdict.TRUNCATED
    assert [failure.error_type for failure in report.failures] == [error_type]
    assert (report.closed, report.usable) == (0, 0)
    # 6.2: a 500 without blocks is a fault that may pass, a page without blocks is none.
    tries = 3 if fault is IndexFault.STATUS else 0
    assert forty.replica.site.log.count(AJAX, status=500) == tries
    assert all(event.status != "closed" for view in (await by_key(forty)).values() for event in view.events)


async def test_6_1_each_run_asks_for_a_nonce_and_keeps_it_nowhere(forty: House) -> None:
    for fault in (None, IndexFault.HTML, IndexFault.STATUS):
        if fault:
            forty.replica.site.flip(IndexSwitch(provider=SLUG, fault=fault, only=AJAX_PATH))
        forty.replica.site.log.reset()
        await forty.run(sources=(SLUG,))
        log = forty.replica.site.log
        assert log.count(f"/{SLUG}/venues/") == 1
        asked = [seen for seen in log.requests() if seen.path == AJAX and "mb_display_mapped_events" in seen.query]
        assert asked
        assert all(f"nonce={NONCE}" in seen.query for seen in asked)
        assert NONCE not in repr(forty.events())
        tables = await forty.query("SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'")
        for table in (row["table_name"] for row in tables):
            assert NONCE not in repr(await forty.query(f'SELECT * FROM "{table}"')), table
    kept = kept_files(forty.settings.image_dir.parent)
    assert "quizBlock-" in kept  # the unreadable list was kept, what opens it was not
    assert NONCE not in kept


async def test_6_5_a_failing_host_request_costs_only_the_host(forty: House) -> None:
    venue = next(v for v in forty.replica.site.venues(SLUG) if v.host and v.host.name and not v.quirks)
    forty.replica.site.flip(VenueSwitch(provider=SLUG, key=venue.key, companion_status=503))
    report = await read(forty)
    assert (report.failed, report.failures) == (0, [])
    stored = (await by_key(forty))[venue.key]
    assert [event.performer for event in stored.events] == [None]
    assert [entry["issue"] for entry in forty.events("fact.refused") if "host" in entry["issue"]] == [
        "host: the list of quizzes cannot be read"
    ]
    assert len(forty.events("detail.companion_failed")) == 1
    forty.replica.site.clear()
    await read(forty)
    assert venue.host is not None
    assert [event.performer for event in (await by_key(forty))[venue.key].events] == [venue.host.name]
    forty.replica.site.flip(VenueSwitch(provider=SLUG, key=venue.key, companion_status=503))
    await read(forty)
    assert [event.performer for event in (await by_key(forty))[venue.key].events] == [venue.host.name]  # E3


async def test_a_moved_weekday_moves_the_event_and_hiatus_pauses_it(forty: House) -> None:
    await read(forty)
    moved, paused = forty.replica.site.venues(SLUG)[0:2]
    weekday = moved.evenings[0].weekday % 7 + 1
    forty.replica.site.flip(VenueSwitch(provider=SLUG, key=moved.key, weekday=weekday))
    forty.replica.site.flip(VenueSwitch(provider=SLUG, key=paused.key, on_break=True))
    report = await read(forty)
    assert report.updated == 2
    stored = await by_key(forty)
    assert [event.weekday for event in stored[moved.key].events] == [weekday]
    assert [event.status for event in stored[paused.key].events] == ["paused"]
    assert stored[paused.key].name == paused.name


async def test_a_lost_weekday_is_a_counted_rejection(forty: House) -> None:
    await read(forty)
    venue = forty.replica.site.venues(SLUG)[0]
    forty.replica.site.flip(VenueSwitch(provider=SLUG, key=venue.key, schedule_shown=ScheduleShown.NOWHERE))
    report = await read(forty)
    assert report.rejected_reasons == REJECTED + Counter({"no weekday": 1})
    assert report.verdict is IndexVerdict.COMPLETE


async def test_one_pub_of_speed_quizzing_and_geeks_who_drink_is_one_venue(tmp_path: Path, database_url: str) -> None:
    async with serve_replica(picture_scale=0.2) as replica, open_house(tmp_path, database_url, replica) as house:
        await house.run(sources=("speed_quizzing", SLUG))
        rows = await house.query(
            "SELECT v.name FROM venues v JOIN venue_keys k ON k.venue_id = v.id"
            " GROUP BY v.id, v.name HAVING count(DISTINCT k.source) = 2"
        )
        theirs = {(venue.name, venue.postcode) for venue in replica.site.venues("speed_quizzing")}
        ours = {(venue.name, venue.postcode) for venue in replica.site.venues(SLUG)}
        ((name, _),) = ours & theirs
        assert [row["name"] for row in rows] == [name]
