"""Switches of venues and indexes, and the same by way of the control endpoints."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from support.replica import hero_path, page_address
from trivia_scraper.demo.question_one import title_of
from trivia_scraper.demo.server import Replica
from trivia_scraper.demo.switches import IndexFault, IndexSwitch, Switches, VenueSwitch
from trivia_scraper.demo.world import ScheduleShown

QM, Q1 = "quizmeisters", "question_one"


async def locations(replica: Replica, client: httpx.AsyncClient) -> dict[str, dict[str, Any]]:
    found = (await client.get(replica.index_urls[QM])).json()["results"]["locations"]
    return {location["url"].rpartition("/")[2]: location for location in found}


def first_key(replica: Replica, provider: str) -> str:
    return replica.site.worlds[provider][0].key


def flip_venue(replica: Replica, provider: str, **changes: object) -> str:
    key = first_key(replica, provider)
    replica.site.flip(VenueSwitch.model_validate({"provider": provider, "key": key, **changes}))
    return key


async def test_a_vanished_venue_leaves_the_index_and_comes_back(replica: Replica, client: httpx.AsyncClient) -> None:
    key = flip_venue(replica, QM, vanished=True)
    gone = await locations(replica, client)
    assert key not in gone
    assert len(gone) == 39
    flip_venue(replica, QM, vanished=False)
    assert key in await locations(replica, client)


async def test_a_moved_weekday_and_time_show_in_index_and_page_E2(
    replica: Replica, client: httpx.AsyncClient
) -> None:
    key = flip_venue(replica, QM, weekday=1, start="18:15")
    assert (await locations(replica, client))[key]["fields"][0]["pivot_field_value"] == "Mondays at 6:15pm"
    key = flip_venue(replica, Q1, weekday=1, start="18:15")
    venue = replica.site.venue(Q1, key)
    page = (await client.get(page_address(replica, Q1, venue))).text
    assert "Monday 18:15" in page
    assert "Every Monday" in title_of(venue)
    assert venue.key == key


async def test_a_changed_fee_and_one_that_is_no_longer_stated(replica: Replica, client: httpx.AsyncClient) -> None:
    address = page_address(replica, Q1, replica.site.worlds[Q1][0])
    flip_venue(replica, Q1, fee="£4 per team")
    assert "£4 per team" in (await client.get(address)).text
    flip_venue(replica, Q1, fee="")
    assert "#tag" not in (await client.get(address)).text


async def test_a_moved_picture_has_another_address_and_other_bytes(
    replica: Replica, client: httpx.AsyncClient
) -> None:
    before = replica.site.venues(QM)[0]
    key = flip_venue(replica, QM, moved_image=1)
    after = replica.site.venue(QM, key)
    old, new = (replica.base_url + hero_path(replica.site, QM, venue) for venue in (before, after))
    page = (await client.get(page_address(replica, QM, after))).text
    assert after.hero is not None
    assert after.hero.href("") in page
    assert old != new
    assert (await client.get(old)).content != (await client.get(new)).content


async def test_on_break(replica: Replica, client: httpx.AsyncClient) -> None:
    key = flip_venue(replica, QM, on_break=True)
    page = (await client.get(page_address(replica, QM, replica.site.venue(QM, key)))).text
    assert 'class="on-break"' in page


@pytest.mark.parametrize(("shown", "card"), [(ScheduleShown.INDEX_ONLY, True), (ScheduleShown.NOWHERE, False)])
async def test_a_page_loses_its_schedule_T7(
    replica: Replica, client: httpx.AsyncClient, shown: ScheduleShown, card: bool
) -> None:
    key = flip_venue(replica, Q1, schedule_shown=shown)
    page = (await client.get(page_address(replica, Q1, replica.site.venue(Q1, key)))).text
    archive = (await client.get(replica.url(Q1, "/venues/"))).text
    first_card = archive.partition("</a>")[0]
    assert "#calendar" not in page
    assert ("day " in first_card.partition('class="excerpt"')[2]) is card


async def test_quizmeisters_loses_its_schedule_field(replica: Replica, client: httpx.AsyncClient) -> None:
    key = flip_venue(replica, QM, schedule_shown="nowhere")
    assert not (await locations(replica, client))[key]["fields"]


@pytest.mark.parametrize("provider", [QM, Q1])
@pytest.mark.parametrize("status", [404, 500])
async def test_a_page_answers_with_a_status(
    replica: Replica, client: httpx.AsyncClient, provider: str, status: int
) -> None:
    address = page_address(replica, provider, replica.site.worlds[provider][0])
    flip_venue(replica, provider, page_status=status, page_times=2)
    assert [(await client.get(address)).status_code for _ in range(3)] == [status, status, 200]
    flip_venue(replica, provider, page_status=status, page_times=None)
    assert [(await client.get(address)).status_code for _ in range(3)] == [status] * 3


async def test_changes_of_one_venue_add_up(replica: Replica) -> None:
    flip_venue(replica, Q1, weekday=2)
    key = flip_venue(replica, Q1, fee="£9")
    venue = replica.site.venue(Q1, key)
    assert (venue.evenings[0].weekday, venue.fee) == (2, "£9")


def test_a_counted_page_fault_wears_off_and_leaves_the_other_changes() -> None:
    switches = Switches()
    switches.set_venue(VenueSwitch(provider=QM, key="k", weekday=3, page_status=500, page_times=1))
    assert [switches.take_page_status(QM, "k") for _ in range(2)] == [500, None]
    assert switches.venues[QM, "k"].weekday == 3


async def index_answer(
    replica: Replica, client: httpx.AsyncClient, provider: str, fault: IndexFault
) -> httpx.Response:
    replica.site.flip(IndexSwitch(provider=provider, fault=fault))
    return await client.get(replica.index_urls[provider])


async def test_index_as_html(replica: Replica, client: httpx.AsyncClient) -> None:
    answer = await index_answer(replica, client, QM, IndexFault.HTML)
    assert answer.status_code == 200
    assert answer.text.startswith("<!DOCTYPE html>")


async def test_empty_index(replica: Replica, client: httpx.AsyncClient) -> None:
    answer = await index_answer(replica, client, QM, IndexFault.EMPTY)
    assert answer.json() == {"success": True, "results": {"locations": []}}
    feed = await index_answer(replica, client, Q1, IndexFault.EMPTY)
    assert feed.status_code == 200
    assert "<channel>" in feed.text
    assert "<item>" not in feed.text


async def test_truncated_index(replica: Replica, client: httpx.AsyncClient) -> None:
    answer = await index_answer(replica, client, QM, IndexFault.TRUNCATED)
    assert answer.status_code == 200
    with pytest.raises(json.JSONDecodeError):
        answer.json()


async def test_refused_index(replica: Replica, client: httpx.AsyncClient) -> None:
    answer = await index_answer(replica, client, QM, IndexFault.REFUSED)
    assert answer.status_code == 200
    assert answer.json()["success"] is False


async def test_a_feed_has_no_way_to_refuse(replica: Replica) -> None:
    with pytest.raises(KeyError, match="no way to refuse"):
        replica.site.flip(IndexSwitch(provider=Q1, fault=IndexFault.REFUSED))


async def test_a_storm_of_500_and_an_endless_503(replica: Replica, client: httpx.AsyncClient) -> None:
    replica.site.flip(IndexSwitch(provider=QM, fault=IndexFault.STATUS, status=500, times=2))
    assert [(await client.get(replica.index_urls[QM])).status_code for _ in range(3)] == [500, 500, 200]
    replica.site.flip(IndexSwitch(provider=Q1, fault=IndexFault.STATUS, status=503))
    assert [(await client.get(replica.index_urls[Q1])).status_code for _ in range(3)] == [503] * 3
    assert (await client.get(page_address(replica, Q1, replica.site.worlds[Q1][0]))).status_code == 200


async def test_control_switches_counts_and_clears(replica: Replica, client: httpx.AsyncClient) -> None:
    path = hero_path(replica.site, QM, replica.site.venues(QM)[0])
    control = f"{replica.base_url}/_control"
    switch = {"target": "image", "path": path, "fault": "status", "status": 410}
    assert (await client.post(f"{control}/switch", json=switch)).json() == {"ok": True}
    assert (await client.get(replica.base_url + path)).status_code == 410
    requests = (await client.get(f"{control}/requests")).json()
    assert requests["total"] == 1
    (row,) = requests["paths"][path]
    assert (row["method"], row["status"], row["count"], row["is_conditional"]) == ("GET", 410, 1, False)
    state = (await client.get(f"{control}/state")).json()
    assert state["image_faults"][path]["status"] == 410
    assert state["providers"][QM]["venues"][0]["pictures"]["hero"] == path
    assert state["providers"][Q1]["index"] == replica.index_urls[Q1]
    assert (await client.post(f"{control}/clear")).json() == {"ok": True}
    assert (await client.post(f"{control}/reset-requests")).json() == {"ok": True}
    assert (await client.get(f"{control}/requests")).json()["total"] == 0
    assert (await client.get(replica.base_url + path)).status_code == 200


async def test_control_state_tells_versions_and_venue_switches(replica: Replica, client: httpx.AsyncClient) -> None:
    path = hero_path(replica.site, QM, replica.site.venues(QM)[0])
    replica.site.change_image(path)
    flip_venue(replica, QM, weekday=5)
    state = (await client.get(f"{replica.base_url}/_control/state")).json()
    assert state["image_versions"] == {path: 1}
    assert state["providers"][QM]["venues"][0]["switched"]["weekday"] == 5


@pytest.mark.parametrize(
    ("body", "status", "problem"),
    [
        ("{", 422, "Invalid JSON"),
        ('{"target": "image", "path": "/x", "fault": "melt"}', 422, "fault"),
        ('{"target": "venue", "provider": "quizmeisters", "key": "k", "weekday": 8}', 422, "weekday"),
        ('{"target": "venue", "provider": "quizmeisters", "key": "k", "mood": 1}', 422, "mood"),
        ('{"target": "venue", "provider": "quizmeisters", "key": "nowhere"}', 404, "nowhere"),
        ('{"target": "index", "provider": "nobody", "fault": "html"}', 404, "nobody"),
        ('{"target": "image", "path": "/x", "fault": "html"}', 404, "/x"),
    ],
)
async def test_control_refuses_what_it_cannot_do(
    replica: Replica, client: httpx.AsyncClient, body: str, status: int, problem: str
) -> None:
    answer = await client.post(f"{replica.base_url}/_control/switch", content=body)
    assert answer.status_code == status
    assert problem in answer.json()["problems"][0]
