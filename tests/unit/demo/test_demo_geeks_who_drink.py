"""The replica of Geeks Who Drink publishes what sources.md 6 describes: nonce, blocks, pages, hosts."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter

import httpx
import pytest
from selectolax.lexbor import LexborHTMLParser as Html
from selectolax.lexbor import LexborNode

from support.replica import page_address
from trivia_scraper.demo.geeks_who_drink import AJAX_PATH, NONCE, GeeksWhoDrink
from trivia_scraper.demo.geeks_who_drink_blocks import BADGE, instant_of
from trivia_scraper.demo.places_america import AMERICA, CANADIAN
from trivia_scraper.demo.server import Replica
from trivia_scraper.demo.speed_quizzing import SpeedQuizzing
from trivia_scraper.demo.switches import IndexFault, IndexSwitch, VenueSwitch
from trivia_scraper.demo.world import Evening, Quirk, ReplicaVenue, ScheduleShown
from trivia_scraper.text.coordinates import Position
from trivia_scraper.text.zones import country_at, zone_at

SLUG = "geeks_who_drink"
BOUNDS = {f"bounds[{side}]": "1" for side in ("northLat", "southLat", "westLong", "eastLong")}
ASKED = {"action": "mb_display_mapped_events", "nonce": NONCE, **BOUNDS}


async def ajax(replica: Replica, client: httpx.AsyncClient, **query: str) -> httpx.Response:
    return await client.get(replica.url(SLUG, AJAX_PATH), params=query)


async def blocks(replica: Replica, client: httpx.AsyncClient) -> dict[str, LexborNode]:
    fragment = Html((await ajax(replica, client, **ASKED)).text)
    links = [(link, (link.attributes["href"] or "").rstrip("/").rpartition("/")[2]) for link in fragment.css("a")]
    return {key: link for link, key in links}


def with_quirk(replica: Replica, quirk: Quirk) -> ReplicaVenue:
    return next(venue for venue in replica.site.venues(SLUG) if quirk in venue.quirks)


async def test_the_nonce_stands_in_the_page_and_opens_the_list(replica: Replica, client: httpx.AsyncClient) -> None:
    page = (await client.get(replica.index_urls[SLUG])).text
    nonce = re.search(r'gwdNonce":"([0-9a-f]{10})"', page)
    assert nonce is not None
    answer = await ajax(replica, client, **{**ASKED, "nonce": nonce[1]})
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.text.count('id="quizBlock-') > 30


@pytest.mark.parametrize(
    ("query", "status", "body"),
    [
        ({}, 400, "0"),
        ({**ASKED, "nonce": "0123456789"}, 403, "-1"),
        ({name: value for name, value in ASKED.items() if name != "nonce"}, 403, "-1"),
        ({"action": "mb_display_mapped_events", "nonce": NONCE}, 200, ""),
    ],
    ids=["nothing", "old-nonce", "no-nonce", "no-bounds"],
)
async def test_wordpress_refuses_what_is_incomplete(
    replica: Replica, client: httpx.AsyncClient, query: dict[str, str], status: int, body: str
) -> None:
    answer = await ajax(replica, client, **query)
    assert (answer.status_code, answer.text) == (status, body)


async def test_blocks_have_the_attributes_of_three_years(replica: Replica, client: httpx.AsyncClient) -> None:
    found = await blocks(replica, client)
    venues = {venue.key: venue for venue in replica.site.venues(SLUG)}
    kinds = Counter(frozenset(found[key].attributes) for key in venues)
    assert len(kinds) == 3
    assert sum("data-title" not in kind for kind in kinds) == 1  # 2025 has its name in a heading
    assert sum("id" not in kind for kind in kinds) == 1  # 2023 has no id
    assert {type(each.css_first("img.quizBlock__logo, .quizBlock__logo img")) for each in found.values()} == {
        LexborNode,
        type(None),
    }


@pytest.mark.parametrize("number", range(2))
@pytest.mark.parametrize("start", [dt.time(18, 30), dt.time(19), dt.time(20, 30)])
def test_an_instant_is_denvers_clock_in_summer_and_winter_6_3(number: int, start: dt.time) -> None:
    instant = dt.datetime.strptime(instant_of(Evening(2, start), number), "%Y-%m-%dT%H:%M:%S%z")
    hours = 6 if number else 7
    assert (instant - dt.timedelta(hours=hours)).time() == start


async def test_weekly_evenings_have_instants_the_others_are_spelled(
    replica: Replica, client: httpx.AsyncClient
) -> None:
    found = await blocks(replica, client)
    weekly = replica.site.venues(SLUG)[0]
    other = with_quirk(replica, Quirk.MONTHLY_FIRST_AND_THIRD)
    assert found[weekly.key].css_first(".time-moment[data-time]") is not None
    assert found[other.key].css_first("[data-time]") is None
    page = Html((await client.get(page_address(replica, SLUG, other))).text)
    time = page.css_first(".venueHero__time").text(strip=True)
    assert re.fullmatch(r"1st (\w+day) at [\d:]+ pm & 3rd \1 at [\d:]+ pm", time), time
    marker = page.css_first(".venueHero__time .time-moment-date")
    assert (marker.attributes["data-time"] or "").endswith("T18:00:00+00:00")


async def test_a_second_evening_is_an_id_of_its_own_with_its_day_in_brackets(
    replica: Replica, client: httpx.AsyncClient
) -> None:
    second = with_quirk(replica, Quirk.SECOND_EVENING)
    first = next(v for v in replica.site.venues(SLUG) if v.name == second.name and v.key != second.key)
    found = await blocks(replica, client)
    assert found[second.key].css_first("h2").text() == f"{first.name} ({second.evenings[0].day})"
    assert found[second.key].attributes["data-address"] == found[first.key].attributes["data-address"]


async def test_entries_that_are_no_quiz_stand_between_the_others(replica: Replica, client: httpx.AsyncClient) -> None:
    found = await blocks(replica, client)
    others = [link for key, link in found.items() if not replica.site.knows(SLUG, key)]
    assert len(others) == 10
    assert sum("virtual-" in (link.attributes["id"] or "") for link in others) == 2
    assert {link.attributes["data-brand"] for link in others} == {"gwd", "bng", "qfac"}
    assert sum(link.css_first("time").text(strip=True) == "at" for link in others) == 2


async def test_one_badge_stands_on_several_blocks_i1(replica: Replica, client: httpx.AsyncClient) -> None:
    answer = await ajax(replica, client, **ASKED)
    bearers = [venue for venue in replica.site.venues(SLUG) if Quirk.PLACEHOLDER in venue.quirks]
    assert answer.text.count(BADGE) == len({venue.name for venue in bearers}) >= 3
    assert (await client.get(replica.url(SLUG, BADGE))).content[:2] == b"\xff\xd8"


async def test_a_page_in_two_lines_with_map_website_and_phone(replica: Replica, client: httpx.AsyncClient) -> None:
    venue = replica.site.venues(SLUG)[1]
    page = Html((await client.get(page_address(replica, SLUG, venue))).text)
    block = page.css_first(".venueHero__address")
    assert block.css_first("br") is not None
    assert [link.text() for link in block.css("a")] == ["Map It", "Website"]
    assert page.css_first(".venueHero__phone").text() == venue.phone


async def test_the_host_is_behind_the_second_request_6_5(replica: Replica, client: httpx.AsyncClient) -> None:
    venue = replica.site.venues(SLUG)[0]
    assert venue.host is not None
    query = {"action": "mb_display_venue_events", "pag": "1", "team": "*"}
    meta = Html((await ajax(replica, client, venue=venue.key, **query)).text).css_first(".quizzes__meta")
    assert meta.css_first(".quiz__master p").text() == f"With Quizmaster: {venue.host.name}"
    assert meta.css_first(".quiz__avatar img") is not None
    assert (await ajax(replica, client, venue="1", **query)).status_code == 404
    replica.site.flip(VenueSwitch(provider=SLUG, key=venue.key, companion_status=503))
    assert (await ajax(replica, client, venue=venue.key, **query)).status_code == 503


async def test_prefixes_are_doubled_and_once_it_is_a_bingo_caller(
    replica: Replica, client: httpx.AsyncClient
) -> None:
    query = {"action": "mb_display_venue_events"}
    shown = [(await ajax(replica, client, venue=v.key, **query)).text for v in replica.site.venues(SLUG)]
    assert sum("With Quizmaster: With Quizmaster:" in text for text in shown) == 1
    assert sum("Bingo Caller" in text for text in shown) == 1


async def test_500_with_a_valid_body_can_be_switched_on_for_the_list_alone(
    replica: Replica, client: httpx.AsyncClient
) -> None:
    plain = (await ajax(replica, client, **ASKED)).text
    fault = IndexFault.STATUS_WITH_BODY
    replica.site.flip(IndexSwitch(provider=SLUG, fault=fault, only=AJAX_PATH))
    assert (await client.get(replica.index_urls[SLUG])).status_code == 200
    broken = await ajax(replica, client, **ASKED)
    assert (broken.status_code, broken.text) == (500, plain)


async def test_a_list_without_venues_is_a_zero(replica: Replica, client: httpx.AsyncClient) -> None:
    replica.site.flip(IndexSwitch(provider=SLUG, fault=IndexFault.EMPTY, only=AJAX_PATH))
    assert (await ajax(replica, client, **ASKED)).text == "0"


async def test_a_lost_schedule_leaves_no_day(replica: Replica, client: httpx.AsyncClient) -> None:
    venue = replica.site.venues(SLUG)[0]
    replica.site.flip(VenueSwitch(provider=SLUG, key=venue.key, schedule_shown=ScheduleShown.NOWHERE))
    block = (await blocks(replica, client))[venue.key]
    assert (block.attributes["data-day"] or "", block.css_first("time").text()) == ("", "")


def test_places_lie_where_they_say() -> None:
    zones = {zone_at(Position(place.latitude, place.longitude)) for place in AMERICA}
    assert len(zones) >= 12
    assert {"Pacific/Honolulu", "America/Anchorage", "America/Phoenix"} <= zones
    for place in AMERICA:
        country = "CA" if place.region_code in CANADIAN else "US"
        assert country_at(Position(place.latitude, place.longitude)) == country, place.name


def test_one_pub_is_speed_quizzings_too() -> None:
    theirs = {(venue.name, venue.postcode, venue.latitude) for venue in SpeedQuizzing().invent(40, plain=False)}
    ours = GeeksWhoDrink().invent(40, plain=False)
    assert sum((venue.name, venue.postcode, venue.latitude) in theirs for venue in ours) == 1


def test_the_plain_world_has_no_oddities() -> None:
    venues = GeeksWhoDrink().invent(200, plain=True)
    assert not any(venue.quirks for venue in venues)
    assert all(venue.hero and venue.host and venue.host.picture for venue in venues)
