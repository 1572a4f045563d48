"""The replica of Inquizition: one JSONP document in the real format, with every quirk of sources.md 4."""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import Any

import httpx
import pytest

from trivia_scraper.demo.inquizition import TENANT_KEYS, Inquizition, address_of
from trivia_scraper.demo.question_one import QuestionOne
from trivia_scraper.demo.server import Replica
from trivia_scraper.demo.switches import IndexFault, IndexSwitch, VenueSwitch
from trivia_scraper.demo.world import WEEKDAYS, Quirk, ScheduleShown

SLUG = "inquizition"
VENUES = Inquizition().invent(40, plain=False)


async def body(replica: Replica, client: httpx.AsyncClient) -> str:
    answer = await client.get(
        replica.index_urls[SLUG], headers={"Accept": "application/json,text/javascript,*/*;q=0.8"}
    )
    assert answer.headers["content-type"].startswith("application/javascript")
    return answer.text


async def document(replica: Replica, client: httpx.AsyncClient) -> dict[str, Any]:
    found = re.fullmatch(r"slw\((.*)\);\n", await body(replica, client), re.DOTALL)
    assert found is not None
    parsed: dict[str, Any] = json.loads(found[1])
    return parsed


async def stores(replica: Replica, client: httpx.AsyncClient) -> dict[str, dict[str, Any]]:
    return {store["storeid"]: store for store in (await document(replica, client))["stores"]}


async def test_4_1_the_document_is_the_widgets_own(replica: Replica, client: httpx.AsyncClient) -> None:
    read = await document(replica, client)
    assert {"stores", "settings", "markers", "filters", "branding", "css", "layout", "plan_type", "plan_expiry",
            "reviews_enabled", "display_order_set", "filter_layout", *TENANT_KEYS} == set(read)  # fmt: skip
    for store, venue in zip(read["stores"], replica.site.venues(SLUG), strict=True):
        assert set(store) == {
            "storeid", "name", "display_order", "data", "custom_data", "filters", "google_placeid", "timezone",
            "country", "filters_bitwise",
        }  # fmt: skip
        assert store["data"]["address"] == address_of(venue)
        assert {type(value) for value in store["data"].values()} == {str}
        assert set(store["filters"]) <= set(WEEKDAYS)


async def test_4_1_tenants_keys_stand_before_and_behind_the_stores(
    replica: Replica, client: httpx.AsyncClient
) -> None:
    text = await body(replica, client)
    at = text.index('"stores"')
    places = {text.index(key) < at for key in TENANT_KEYS.values()}
    assert places == {True, False}


async def test_4_2_no_venue_has_a_page(replica: Replica, client: httpx.AsyncClient) -> None:
    provider = replica.site.providers[SLUG]
    url = provider.page_url(VENUES[0].key, f"{replica.base_url}/{SLUG}")
    assert url.endswith(f"/find-a-quiz/#{VENUES[0].key}")
    assert (await client.get(url)).status_code == 404


def test_4_4_pubs_of_one_name_stand_at_different_postcodes() -> None:
    names = Counter(venue.name for venue in VENUES)
    assert (names["The Railway"], names["The White Horse"], names["The One Tun"]) == (2, 3, 1)
    horses = [venue.postcode for venue in VENUES if venue.name == "The White Horse"]
    assert len(set(horses)) == 3


def test_4_3_addresses_come_in_lines_and_in_one_line_without_a_town() -> None:
    lines = [address_of(venue) for venue in VENUES]
    one_line = [line for line in lines if line and "\r\n" not in line]
    assert len(one_line) == 2
    assert all(re.search(r",  [A-Z]+\d+ \d[A-Z]{2}$", line) and "London" not in line for line in one_line)
    assert sum(line == "" for line in lines) == 1
    assert all(
        re.search(r"\r\n[A-Z][\w .']+\r\n[A-Z]+\d+[A-Z]? \d[A-Z]{2}$", line) for line in lines if "\r\n" in line
    )


@pytest.mark.parametrize(
    ("quirk", "number"),
    [
        (Quirk.TWO_WEEKDAYS, 2),
        (Quirk.DAY_IN_TEXT_ONLY, 2),
        (Quirk.NO_TIME, 1),
        (Quirk.NO_POSITION, 1),
        (Quirk.PLACE_ID, 1),
    ],
)
async def test_every_quirk_shows(replica: Replica, client: httpx.AsyncClient, quirk: Quirk, number: int) -> None:
    odd = [store for key, store in (await stores(replica, client)).items() if quirk in _quirks(key)]
    assert len(odd) == number
    shows = {
        Quirk.TWO_WEEKDAYS: lambda store: len(store["filters"]) == 2,
        Quirk.DAY_IN_TEXT_ONLY: lambda store: store["filters"] == [],
        Quirk.NO_TIME: lambda store: not re.search(r"\d", store["data"]["description"]),
        Quirk.NO_POSITION: lambda store: store["data"]["map_lat"] == store["data"]["map_lng"] == "0",
        Quirk.PLACE_ID: lambda store: store["google_placeid"].startswith("ChIJ"),
    }[quirk]
    assert all(shows(store) for store in odd)


def _quirks(key: str) -> frozenset[Quirk]:
    return next(venue.quirks for venue in VENUES if venue.key == key)


def test_two_pubs_are_question_ones_as_well() -> None:
    theirs = {(venue.name, venue.postcode): venue for venue in QuestionOne().invent(40, plain=False)}
    shared = [venue for venue in VENUES if (venue.name, venue.postcode) in theirs]
    assert len(shared) == 2
    same, other = shared
    assert same.evenings == theirs[same.name, same.postcode].evenings
    assert other.evenings != theirs[other.name, other.postcode].evenings
    plain = {(venue.name, venue.postcode) for venue in Inquizition().invent(40, plain=True)}
    assert not plain & set(theirs)


async def test_a_moved_weekday_shows_in_filter_and_text(replica: Replica, client: httpx.AsyncClient) -> None:
    replica.site.flip(VenueSwitch(provider=SLUG, key=VENUES[0].key, weekday=6))
    store = (await stores(replica, client))[VENUES[0].key]
    assert store["filters"] == ["Saturday"]
    assert store["data"]["description"].startswith("Saturdays, ")


async def test_a_schedule_that_is_nowhere_leaves_no_day(replica: Replica, client: httpx.AsyncClient) -> None:
    switch = VenueSwitch(provider=SLUG, key=VENUES[0].key, schedule_shown=ScheduleShown.NOWHERE)
    replica.site.flip(switch)
    store = (await stores(replica, client))[VENUES[0].key]
    assert (store["filters"], store["data"]["description"]) == ([], "")


async def test_a_vanished_pub_is_gone_and_an_empty_index_keeps_its_form(
    replica: Replica, client: httpx.AsyncClient
) -> None:
    replica.site.flip(VenueSwitch(provider=SLUG, key=VENUES[0].key, vanished=True))
    assert len(await stores(replica, client)) == 39
    replica.site.flip(IndexSwitch(provider=SLUG, fault=IndexFault.EMPTY))
    assert (await document(replica, client))["stores"] == []
