"""The replica of SpeedQuizzing: the literal in the page, stale ids, many countries and spellings (sources.md 5)."""

from __future__ import annotations

import datetime as dt
import json
import math
import re
from collections import Counter
from itertools import combinations
from typing import Any

import httpx
import pytest
from selectolax.lexbor import LexborHTMLParser as Html

from trivia_scraper.demo.inquizition import Inquizition
from trivia_scraper.demo.places_abroad import COUNTRY_OF
from trivia_scraper.demo.server import Replica
from trivia_scraper.demo.site import PROVIDERS
from trivia_scraper.demo.speed_quizzing import SpeedQuizzing, stale_id
from trivia_scraper.demo.speed_quizzing_page import (
    TODAY,
    address_of,
    clock_line,
    country_of,
    description_of,
    next_date,
    spelled,
    title_of,
)
from trivia_scraper.demo.switches import VenueSwitch
from trivia_scraper.demo.world import Quirk, ReplicaVenue

SLUG = "speed_quizzing"
VENUES = SpeedQuizzing().invent(40, plain=False)
STALE = sum(Quirk.STALE_ID in venue.quirks for venue in VENUES)


def with_quirk(quirk: Quirk) -> ReplicaVenue:
    return next(venue for venue in VENUES if quirk in venue.quirks)


async def bookings(replica: Replica, client: httpx.AsyncClient) -> list[dict[str, Any]]:
    page = (await client.get(replica.index_urls[SLUG])).text
    found = re.search(r"var events = JSON\.parse\('(.*)'\);\n", page)
    assert found is not None
    parsed: list[dict[str, Any]] = json.loads(found[1].replace("\\'", "'").replace("\\\\", "\\"))
    return parsed


async def page_of(replica: Replica, client: httpx.AsyncClient, venue: ReplicaVenue) -> Html:
    answer = await client.get(replica.url(SLUG, f"/events/{venue.key}/"))
    assert answer.status_code == 200
    return Html(answer.text)


async def test_5_1_bookings_have_the_fields_of_july_2026(replica: Replica, client: httpx.AsyncClient) -> None:
    rows = await bookings(replica, client)
    assert len(rows) == 40 + 1 + STALE
    for row in rows:
        assert list(row) == [
            "date", "bid", "booked_date", "theme", "event_id", "lat", "lon", "day", "days_to_event",
        ]  # fmt: skip
        assert [name for name, value in row.items() if not isinstance(value, str)] == ["days_to_event"]
        date = dt.date.fromisoformat(row["date"])
        assert f"{date:%A}" == row["day"]
        assert (date - TODAY).days == row["days_to_event"] >= 0
    assert len({row["bid"] for row in rows}) == len(rows)


async def test_several_dates_of_one_id_come_with_the_later_one_first(
    replica: Replica, client: httpx.AsyncClient
) -> None:
    rows = await bookings(replica, client)
    (key,) = [key for key, number in Counter(row["event_id"] for row in rows).items() if number > 1]
    assert key == with_quirk(Quirk.SEVERAL_DATES).key
    later, earlier = (row["date"] for row in rows if row["event_id"] == key)
    assert later > earlier


async def test_5_6_about_a_third_of_the_ids_is_stale_and_every_venue_has_a_page(
    replica: Replica, client: httpx.AsyncClient
) -> None:
    ids = dict.fromkeys(row["event_id"] for row in await bookings(replica, client))
    status = {key: (await client.get(replica.url(SLUG, f"/events/{key}/"))).status_code for key in ids}
    assert Counter(status.values()) == Counter({200: 40, 404: STALE})
    assert 0.3 <= STALE / len(ids) <= 0.4
    assert [key for key, code in status.items() if code == 200] == [venue.key for venue in VENUES]
    assert {key for key, code in status.items() if code == 404} == {
        stale_id(venue) for venue in VENUES if Quirk.STALE_ID in venue.quirks
    }


def test_the_benchmarks_world_has_no_stale_ids() -> None:
    assert not any(venue.quirks for venue in SpeedQuizzing().invent(80, plain=True))


async def test_5_2_the_page_has_the_blocks_of_the_skeleton(replica: Replica, client: httpx.AsyncClient) -> None:
    venue = VENUES[0]
    page = await page_of(replica, client, venue)
    place, clock = page.css("p.mb-0")
    assert place.css_first("i.fa.fa-map-marker") is not None
    assert place.text() == f"{venue.name}, {address_of(venue)}"
    assert clock.css_first("i.fa.fa-clock") is not None
    assert clock.text() == clock_line(venue)
    assert clock.text().startswith(" ")
    assert page.css("p.sm1")[0].text() == description_of(venue)
    metas = {
        meta.attributes.get("property") or meta.attributes["name"]: meta.attributes["content"]
        for meta in page.css("meta")
    }
    assert metas["og:title"] == title_of(venue)
    assert (metas["description"] or "").startswith(f"Join the fun at {venue.name}, ")
    assert page.css_first("#menu4 p.sm1") is not None


async def test_5_5_hosts_with_a_picture_have_a_section_and_the_others_a_name_only(
    replica: Replica, client: httpx.AsyncClient
) -> None:
    pictured = await page_of(replica, client, VENUES[0])
    assert VENUES[0].host is not None
    assert (pictured.css("#menu4 h3")[0].text()).endswith(VENUES[0].host.name)
    source = pictured.css("#menu4 .host-img")[0].attributes["src"] or ""
    assert re.fullmatch(r"/speed_quizzing/quiz_assets/images/hosts/host_pic\d+\.jpg", source)
    assert (await client.get(replica.base_url + source)).content[:2] == b"\xff\xd8"
    named = await client.get(replica.url(SLUG, f"/events/{with_quirk(Quirk.HOST_WITHOUT_PICTURE).key}/"))
    assert "Hosted by " in named.text
    assert "menu4" not in named.text
    stars = [venue for venue in VENUES if venue.host and venue.spelling % 2 == 0]
    assert stars


def test_5_5_addresses_name_neither_state_nor_country() -> None:
    lines = {
        country: [address_of(v) for v in VENUES if country_of(v) == country] for country in set(COUNTRY_OF.values())
    }
    assert all(lines.values())
    assert all(line.endswith(", 00000") for line in lines["AE"])
    assert any(re.search(r", \d{5}$", line) for line in lines["US"])
    assert any(line == line.lower() for line in lines["US"])
    british = lines["GB"]
    assert any(re.search(r", [A-Z]{1,2}\d+$", line) for line in british)  # the outward code only
    assert any(re.search(r"(\w+), \1$", line, re.IGNORECASE) for line in british)  # the town twice
    assert any(not re.search(r"\d[A-Z]{2}$|[A-Z]\d+$", line) for line in british)  # none
    assert not [
        line for each in lines.values() for line in each if re.search(r"England|Ireland|USA|UAE|Cyprus", line)
    ]


def test_5_3_times_come_in_many_spellings() -> None:
    on_the_hour = {spelled(dt.time(20), number) for number in range(9)}
    assert {"8pm", "8:00 PM", "20:00", "8PM", "8", "8.00pm", "8p", "8:00 pm", "2000"} == on_the_hour
    half_past = {spelled(dt.time(19, 30), number) for number in range(7)}
    assert {"7.30pm", "7:30pm", "7:30", "1930", "730pm", "7:30 PM", "19:30"} == half_past


def test_5_4_descriptions_put_the_prize_before_the_fee_or_leave_it_out() -> None:
    told = [description_of(venue) for venue in VENUES]
    assert any(re.match(r"Prizes, .*\| .* to play", line) for line in told)
    assert any(line.startswith("Prizes, ") and "to play" not in line for line in told)
    assert "" in told
    assert any("Max No per team" in line for line in told)


async def test_switches_change_day_date_and_fee(replica: Replica, client: httpx.AsyncClient) -> None:
    venue = VENUES[0]
    replica.site.flip(VenueSwitch(provider=SLUG, key=venue.key, weekday=6, fee="£7.50"))
    page = await page_of(replica, client, venue)
    assert "Saturday 11 Jul 2026" in page.css("p.mb-0")[1].text()
    assert "£7.50 to play" in page.css("p.sm1")[0].text()
    row = next(row for row in await bookings(replica, client) if row["event_id"] == venue.key)
    assert (row["day"], row["date"]) == (
        "Saturday",
        next_date(replica.site.venue(SLUG, venue.key).evenings[0]).isoformat(),
    )


def test_one_pub_is_inquizitions_as_well_and_one_has_two_ids() -> None:
    (theirs,) = Inquizition().invent(1, plain=False)
    shared = [venue for venue in VENUES if (venue.name, venue.postcode) == (theirs.name, theirs.postcode)]
    assert [(venue.latitude, venue.longitude) for venue in shared] == [(theirs.latitude, theirs.longitude)]
    twins = [venue for venue in VENUES if Quirk.TWO_IDS in venue.quirks]
    assert len({venue.key for venue in twins}) == 2
    assert len({(venue.name, venue.latitude) for venue in twins}) == 1


@pytest.mark.parametrize("quirk", [Quirk.NO_POSITION, Quirk.DEFAULT_PIN])
async def test_a_pub_without_a_position_has_a_whole_postcode(
    replica: Replica, client: httpx.AsyncClient, quirk: Quirk
) -> None:
    venue = with_quirk(quirk)
    row = next(row for row in await bookings(replica, client) if row["event_id"] == venue.key)
    assert (row["lat"], row["lon"]) == (("", "") if quirk is Quirk.NO_POSITION else ("0", "0"))
    assert address_of(venue).endswith(venue.postcode)
    markup = (await client.get(replica.url(SLUG, f"/events/{venue.key}/"))).text
    assert ("createMarker({lat: " in markup) is (quirk is Quirk.NO_POSITION)


def test_only_intended_pubs_of_two_providers_are_near_and_alike() -> None:
    """V2: nothing within a kilometre may look like the same pub by accident."""
    worlds = {provider.slug: provider.invent(40, plain=False) for provider in PROVIDERS}
    shared = set()
    for (one, mine), (other, theirs) in combinations(worlds.items(), 2):
        for left in mine:
            for right in theirs:
                if math.isclose(left.latitude, right.latitude, abs_tol=0.02) and _near_and_alike(left, right):
                    shared.add((one, other, left.name, right.name, left.postcode == right.postcode))
    assert all(left == right and same_postcode for *_, left, right, same_postcode in shared)
    pairs = Counter((one, other) for one, other, *_ in shared)
    assert pairs["question_one", "inquizition"] == 2
    assert pairs["inquizition", "speed_quizzing"] == 1


def _near_and_alike(left: ReplicaVenue, right: ReplicaVenue) -> bool:
    north = (left.latitude - right.latitude) * 111_000
    east = (left.longitude - right.longitude) * 111_000 * math.cos(math.radians(left.latitude))
    mine, theirs = (set(re.findall(r"\w+", venue.name.casefold())) - {"the"} for venue in (left, right))
    return math.hypot(north, east) < 1_000 and len(mine & theirs) / len(mine | theirs) >= 0.3
