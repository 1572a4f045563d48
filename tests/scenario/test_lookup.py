"""Places that a source does not state, looked up over a real run (sources.md P4, P5, V8)."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from support.directory_desk import detail
from support.house import House, make_options, open_house
from support.raw_server import Answer, Exchange, RawServer, answering, raw_server, response
from support.replica import running_replica
from trivia_scraper.demo.lookup import LOOKUP_PATH
from trivia_scraper.demo.server import Replica
from trivia_scraper.domain.catalog import DetailSave
from trivia_scraper.domain.log_events import LogEvent
from trivia_scraper.domain.models import Detail
from trivia_scraper.pipeline import lookup
from trivia_scraper.ports import Clock

SOURCE = "question_one"
CANARY = "c4n4ry-s3cr3t"


@dataclass(frozen=True)
class LaterClock:
    """The machine's clock, some days ahead."""

    clock: Clock
    ahead: dt.timedelta

    def now(self) -> dt.datetime:
        return self.clock.now() + self.ahead

    def monotonic(self) -> float:
        return self.clock.monotonic()


def let_pass(house: House, days: int) -> None:
    """Move the house's clock."""
    house.services = replace(house.services, clock=LaterClock(house.services.clock, dt.timedelta(days=days)))


def questions(replica: Replica) -> list[str]:
    """Query strings of the look-ups since the request log was last reset."""
    return [seen.query for seen in replica.site.log.requests() if seen.path == LOOKUP_PATH]


def issues(house: House) -> list[str]:
    """What the last run said of places."""
    told = [entry["issue"] for entry in house.events(LogEvent.FACT_REFUSED)]
    return [issue for issue in told if issue.startswith("place:")]


async def addresses(house: House) -> int:
    """How many different addresses the source shows."""
    rows = await house.query("SELECT count(DISTINCT (street, postcode)) AS n FROM venues")
    return int(rows[0]["n"])


@pytest.mark.parametrize(("source", "timezone"), [("question_one", "Europe/London"), ("pubquiz_pl", "Europe/Warsaw")])
async def test_p4_every_venue_gets_the_position_of_its_address(house: House, source: str, timezone: str) -> None:
    report = await house.run(sources=(source,))
    assert report.failures == []
    assert issues(house) == []
    rows = await house.query("SELECT k.key, v.* FROM venues v JOIN venue_keys k ON k.venue_id = v.id ORDER BY k.key")
    assert len(rows) == report.sources[source].visited >= 10
    for row in rows:
        pub = house.replica.site.venue(source, row["key"])
        assert (row["latitude"], row["longitude"]) == pytest.approx((pub.latitude, pub.longitude), abs=1e-6), pub.name
        assert row["city"]
        assert row["timezone"] == timezone


@pytest.fixture
async def full_house(tmp_path: Path, database_url: str) -> AsyncIterator[House]:
    """A world that is large enough for a pub with two posts."""
    async with running_replica(24) as replica, open_house(tmp_path, database_url, replica) as house:
        yield house


async def test_v8_each_address_is_asked_for_once_and_never_again(full_house: House) -> None:
    """Two posts of one pub are one question though they are read at once; a second run asks and changes nothing."""
    house = full_house
    await house.run(sources=(SOURCE,))
    assert await addresses(house) < len(house.replica.site.venues(SOURCE))
    asked = questions(house.replica)
    assert len(asked) == len(set(asked)) == await addresses(house)
    before = await house.query("SELECT * FROM venues ORDER BY id")
    stored = await house.query("SELECT * FROM place_lookups ORDER BY query")
    house.replica.site.log.reset()

    let_pass(house, 400)
    report = (await house.run(sources=(SOURCE,), force_update=True)).sources[SOURCE]
    assert (report.created, report.updated, report.unchanged) == (0, 0, len(house.replica.site.venues(SOURCE)))
    assert questions(house.replica) == []
    assert await house.query("SELECT * FROM venues ORDER BY id") == before
    assert await house.query("SELECT * FROM place_lookups ORDER BY query") == stored


async def test_p5_a_position_that_the_source_states_is_not_looked_up(house: House) -> None:
    report = await house.run(sources=("quizmeisters",))
    assert report.failures == []
    assert questions(house.replica) == []
    assert await house.query("SELECT * FROM place_lookups") == []
    assert all(venue.latitude for venue in await house.venues())


async def test_a_dry_run_asks_nothing(house: House) -> None:
    await house.run(sources=(SOURCE,), dry_run=True)
    assert questions(house.replica) == []


async def test_without_a_service_nothing_is_asked_and_nothing_is_marked(
    tmp_path: Path, database_url: str, replica: Replica
) -> None:
    async with open_house(tmp_path, database_url, replica, lookup={"url": ""}) as house:
        report = await house.run(sources=(SOURCE,))
        assert report.failures == []
        assert issues(house) == []
        assert questions(replica) == []
        assert all(venue.latitude is None for venue in await house.venues())


# A path of the replica that does not exist answers 404 with a page of HTML, as a wrong search address does.
WRONG_PATH = "/nowhere/search"


async def check_complete_but_for_the_place(house: House) -> None:
    venues = await house.venues(SOURCE)
    assert len(venues) >= 10
    for venue in venues:
        assert venue.name
        assert venue.address
        assert venue.postcode
        assert venue.timezone == "Europe/London"
        assert venue.events
        assert (venue.latitude, venue.longitude) == (None, None)


async def test_p4_a_failing_look_up_costs_the_position_only_and_is_tried_again_later(
    tmp_path: Path, database_url: str, replica: Replica
) -> None:
    visited = len(replica.site.venues(SOURCE))
    async with open_house(
        tmp_path, database_url, replica, lookup={"url": f"{replica.base_url}{WRONG_PATH}"}
    ) as house:
        report = await house.run(sources=(SOURCE,))
        assert (report.failures, report.sources[SOURCE].created) == ([], len(await house.venues()))
        await check_complete_but_for_the_place(house)
        assert issues(house) == [lookup.FAILED] * visited
        assert len(house.events(LogEvent.LOOKUP_FAILED)) == await addresses(house)
        assert replica.site.log.count(WRONG_PATH) == await addresses(house)

    async with open_house(tmp_path, database_url, replica) as house:
        await house.run(sources=(SOURCE,), force_update=True)
        assert questions(replica) == []
        assert issues(house) == [lookup.FAILED] * visited
        await check_complete_but_for_the_place(house)

        let_pass(house, 8)
        report = await house.run(sources=(SOURCE,))
        assert len(questions(replica)) == await addresses(house)
        assert issues(house) == []
        assert report.sources[SOURCE].updated == len(await house.venues())
        assert all(venue.latitude is not None for venue in await house.venues())


@asynccontextmanager
async def service(answer: Answer) -> AsyncIterator[RawServer]:
    """A search service that answers every question so; it has no robots.txt."""

    async def answer_questions(exchange: Exchange) -> None:
        if exchange.path == "/robots.txt":
            await exchange.send(response(status=b"404 Not Found"))
        else:
            await answer(exchange)

    async with raw_server(answer_questions) as server:
        yield server


def at(server: RawServer, **more: str) -> Mapping[str, str]:
    return {"url": server.url("/search"), **more}


async def test_p4_what_nobody_knows_is_marked_and_asked_again_later(
    tmp_path: Path, database_url: str, replica: Replica
) -> None:
    async with (
        service(answering(response(b"[]", b"Content-Type: application/json"))) as server,
        open_house(tmp_path, database_url, replica, lookup=at(server)) as house,
    ):
        for days, force_update, asked in ((0, False, 3), (0, True, 3), (5, True, 3), (3, True, 6), (0, True, 6)):
            let_pass(house, days)
            report = await house.run(sources=(SOURCE,), limit=3, force_update=force_update)
            assert report.failures == []
            assert issues(house) == [lookup.NOT_FOUND] * 3
            assert len([path for path in server.paths if path.startswith("/search?")]) == asked
            assert report.sources[SOURCE].updated == 0


@pytest.mark.parametrize(
    ("answer", "tries"),
    [
        pytest.param(answering(response(b"busy", status=b"500 Internal Server Error")), 3, id="500"),
        pytest.param(answering(response(b"busy", status=b"503 Service Unavailable")), 3, id="503"),
        pytest.param(answering(response(b"", b"Retry-After: 3600", status=b"429 Too Many Requests")), 1, id="429"),
        pytest.param(answering(response(b"no", status=b"403 Forbidden")), 1, id="403"),
        pytest.param(answering(response(b"", status=b"404 Not Found")), 1, id="404-empty"),
        pytest.param(answering(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n[", then="hang_up"), 3, id="cut"),
        pytest.param(answering(response(b"<html>Sorry</html>", b"Content-Type: text/html")), 1, id="html"),
        pytest.param(answering(response(b'[{"lat": 1e999, "lon"')), 1, id="broken-json"),
        pytest.param(answering(response(b"[" * 1_000)), 1, id="H103"),
    ],
)
async def test_p4_however_it_fails_the_record_is_stored(
    tmp_path: Path, database_url: str, replica: Replica, answer: Answer, tries: int
) -> None:
    async with (
        service(answer) as server,
        open_house(tmp_path, database_url, replica, lookup=at(server)) as house,
    ):
        report = await house.run(sources=(SOURCE,), limit=1)
        assert (report.failures, report.sources[SOURCE].created) == ([], 1)
        assert issues(house) == [lookup.FAILED]
        assert len([path for path in server.paths if path.startswith("/search?")]) == tries
        [row] = await house.query("SELECT outcome, error FROM place_lookups")
        assert row["outcome"] == "failed"
        assert row["error"]


async def test_p4_a_place_as_large_as_a_country_is_none(tmp_path: Path, database_url: str, replica: Replica) -> None:
    britain = {"lat": "54.70", "lon": "-3.27", "place_rank": 4, "addresstype": "country"}
    async with (
        service(answering(response(json.dumps([britain]).encode()))) as server,
        open_house(tmp_path, database_url, replica, lookup=at(server)) as house,
    ):
        await house.run(sources=(SOURCE,), limit=1)
        assert issues(house) == [lookup.NOT_FOUND]
        assert [venue.latitude for venue in await house.venues()] == [None]


async def everything_stored(house: House) -> str:
    """All rows of all tables, and every file beside the pictures."""
    tables = await house.query("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    rows = [await house.query(f"SELECT * FROM {table['tablename']}") for table in tables]
    files = [path.read_bytes() for path in house.settings.image_dir.rglob("*") if path.is_file()]
    return f"{rows}{files}"


async def test_v8_the_key_is_sent_and_neither_logged_nor_stored(
    tmp_path: Path, database_url: str, replica: Replica
) -> None:
    options = {"url": replica.lookup_url, "key": CANARY, "key_parameter": "apiKey"}
    async with open_house(tmp_path, database_url, replica, lookup=options) as house:
        report = await house.run(sources=(SOURCE,))
        asked = questions(replica)
        assert asked
        assert all(f"apiKey={CANARY}" in query for query in asked)
        assert all(venue.latitude for venue in await house.venues())
        assert CANARY not in str(house.capture.entries)
        assert CANARY not in str(report)
        assert CANARY not in await everything_stored(house)
        assert CANARY not in repr(house.services.settings)


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(answering(response(f'{{"error": "Invalid key {CANARY}"}}'.encode())), id="quoted"),
        pytest.param(answering(response(b"", status=b"401 Unauthorized")), id="refused"),
        pytest.param(answering(then="hang_up"), id="hang-up"),
        pytest.param(
            answering(response(b"", f"Location: /search?key={CANARY}".encode(), status=b"302 Found")), id="circle"
        ),
        pytest.param(
            answering(response(b"", f"Location: http://10.0.0.1/?key={CANARY}".encode(), status=b"302 Found")),
            id="blocked",
        ),
    ],
)
async def test_v8_no_failure_gives_the_key_away(
    tmp_path: Path, database_url: str, replica: Replica, answer: Answer
) -> None:
    async with (
        service(answer) as server,
        open_house(tmp_path, database_url, replica, lookup=at(server, key=CANARY)) as house,
    ):
        report = await house.run(sources=(SOURCE,), limit=1)
        assert any(f"key={CANARY}" in path for path in server.paths)
        assert issues(house) == [lookup.FAILED]
        assert CANARY not in str(house.capture.entries)
        assert CANARY not in str(report)
        assert CANARY not in await everything_stored(house)


async def test_v1_a_position_that_a_source_stated_is_not_displaced(house: House) -> None:
    """A source that loses its positions for a day: nothing is asked, nothing changes."""
    await house.run(sources=("quizmeisters",), limit=1)
    [row] = await house.query("SELECT k.key, v.* FROM venues v JOIN venue_keys k ON k.venue_id = v.id")
    address = {name: row[name] for name in ("name", "address", "street", "city", "postcode", "country")}
    said = detail("quizmeisters", row["key"], latitude=None, longitude=None, **address)
    found = await lookup.locate(said, house.services.sources["quizmeisters"], house.services)
    assert found == said
    assert questions(house.replica) == []


async def test_an_address_that_changes_is_a_new_question(house: House) -> None:
    first, other = house.replica.site.venues(SOURCE)[:2]
    for pub in (first, other):
        found = await located(house, street=pub.street, city=pub.place.city, postcode=pub.postcode)
        claim = await house.services.catalog.claim(found, house.services.clock.now())
        save = DetailSave(found, claim, (), uuid4(), house.services.clock.now())
        await house.services.catalog.save_detail(save, make_options())
    [venue] = await house.venues()
    assert (venue.latitude, venue.longitude) == (other.latitude, other.longitude)
    assert len(questions(house.replica)) == 2


async def located(house: House, **facts: Any) -> Detail:
    """What becomes of The Crown in Leeds without a position, with these facts changed."""
    said = detail(SOURCE, latitude=None, longitude=None, **facts)
    return await lookup.locate(said, house.services.sources[SOURCE], house.services)


async def test_p4_a_venue_of_which_only_the_name_is_known_is_marked_and_not_asked_for(house: House) -> None:
    found = await located(house, address=None, street=None, postcode=None, city="Leeds")
    assert (found.issues, found.venue.latitude) == ((lookup.NO_ADDRESS,), None)
    assert questions(house.replica) == []


async def test_who_waits_for_a_turn_when_the_run_stops_asks_nothing(house: House) -> None:
    house.services = replace(house.services, stopping=lambda: True)
    found = await located(house)
    assert (found.issues, found.venue.latitude) == ((lookup.NOT_ASKED,), None)
    assert questions(house.replica) == []
    assert await house.query("SELECT * FROM place_lookups") == []


async def test_v8_eight_readers_of_one_address_ask_one_question(house: House) -> None:
    pub = house.replica.site.venues(SOURCE)[0]
    address = {"street": pub.street, "city": pub.place.city, "postcode": pub.postcode}
    found = await asyncio.gather(*(located(house, name=f"Post {number}", **address) for number in range(8)))
    assert {(each.venue.latitude, each.venue.longitude) for each in found} == {(pub.latitude, pub.longitude)}
    assert len(questions(house.replica)) == 1


async def test_p4_a_town_is_filled_in_where_none_is_stated(house: House) -> None:
    pub = house.replica.site.venues(SOURCE)[0]
    found = await located(house, street=pub.street, city=None, postcode=pub.postcode)
    assert (found.issues, found.venue.city) == ((), pub.place.city)


@pytest.mark.parametrize("half", [{"latitude": 53.8}, {"longitude": -1.5}])
async def test_p5_half_a_position_is_none(house: House, half: Mapping[str, float]) -> None:
    pub = house.replica.site.venues(SOURCE)[0]
    facts: dict[str, Any] = {"latitude": None, "longitude": None, **half}
    said = detail(SOURCE, street=pub.street, postcode=pub.postcode, **facts)
    found = await lookup.locate(said, house.services.sources[SOURCE], house.services)
    assert (found.venue.latitude, found.venue.longitude) == (pub.latitude, pub.longitude)
