"""Inquizition beyond its saved documents: what must not leave the module, how evenings are told (sources.md 4)."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import asdict
from typing import Any

import pytest

from trivia_scraper.domain.errors import PageShapeChanged
from trivia_scraper.domain.models import Detail, Listing
from trivia_scraper.domain.pages import Page, PageRequest
from trivia_scraper.domain.source import IndexReading
from trivia_scraper.sources.inquizition import Inquizition

SOURCE = Inquizition()
TODAY = dt.date(2026, 7, 11)
CANARY = "canary-7c41"


def page(text: str) -> Page:
    request = SOURCE.first_request(SOURCE.default_index_url, TODAY)
    return Page(request, request.url, 200, text, "application/javascript", len(text))


def store(**changes: Any) -> dict[str, Any]:
    fields = {
        "address": "12 Tallow Lane\r\nLondon\r\nEC4M 9XZ",
        "description": "Tuesdays, 6.30pm",
        "phone": "020 7946 0123",
        "email": f"{CANARY}@copperkettle.example",
        "map_lat": "51.5139",
        "map_lng": "-0.1027",
        "image": f"https://images.example/{CANARY}.jpg",
        "hours_Monday": f"10-11 {CANARY}",
    }
    return {
        "storeid": "81200001", "name": "The Copper Kettle", "data": fields, "filters": ["Tuesday"],
        "google_placeid": "", "timezone": "Europe/London", "country": "GB", **changes,
    }  # fmt: skip


def read(*stores: object, **top_level: object) -> IndexReading:
    return SOURCE.read_index(page(f"slw({json.dumps({'stores': stores, **top_level})});"))


def detail(**changes: Any) -> Detail:
    (listing,) = read(store(**changes)).listings
    return SOURCE.read_detail(listing, None, None)


def evenings(filters: list[str], description: str) -> list[str]:
    read_fields = {**store()["data"], "description": description}
    found = detail(filters=filters, data=read_fields).events
    return [f"{event.weekday} {event.start_time:%H:%M}" for event in found]


def test_4_1_the_document_is_asked_for_as_the_widget_does() -> None:
    request = SOURCE.first_request(SOURCE.default_index_url, TODAY)
    assert request.url == "https://cdn.storelocatorwidgets.com/json/7f3962110f31589bc13cdc3b7b85cfd7"
    assert request.headers["Accept"] == "application/json,text/javascript,*/*;q=0.8"
    assert SOURCE.accept_language == "en-GB"


def test_4_2_there_is_no_page_for_a_venue() -> None:
    (listing,) = read(store()).listings
    assert SOURCE.detail_request(listing) is None  # type: ignore[func-returns-value]
    assert SOURCE.companion_request(listing) is None  # type: ignore[func-returns-value]


def test_4_1_n8_no_tenant_key_mail_address_or_foreign_field_leaves_the_module() -> None:
    reading = read(
        store(),
        store(storeid=None, name=None),
        expressmaps_api_key=CANARY,
        mapbox_api_key=CANARY,
        maptiler_api_key=CANARY,
        settings={"google_key": CANARY, "css": CANARY},
        plan_expiry=CANARY,
    )
    assert len(reading.listings) == len(reading.rejected) == 1
    told = [asdict(reading.listings[0]), asdict(SOURCE.read_detail(reading.listings[0], None, None))]
    assert CANARY not in repr((reading, told))


@pytest.mark.parametrize(
    "body",
    [
        f'slw({{"mapbox_api_key": "{CANARY}", "stores": [',
        f'slw({{"mapbox_api_key": "{CANARY}", "stores": [}} );',
        f'slw({{"mapbox_api_key": "{CANARY}"}});',
        f'slw("{CANARY}");',
        f'slw({{"mapbox_api_key": {CANARY}}});',
        f'slw({{"mapbox_api_key": "{CANARY}", "n": 1e999}});',
    ],
    ids=["cut", "broken", "without-stores", "text", "bare-word", "number"],
)
def test_4_1_what_is_said_of_a_broken_document_quotes_nothing_of_it(body: str) -> None:
    with pytest.raises(PageShapeChanged) as caught:
        SOURCE.read_index(page(body))
    assert caught.value.looked_for == "stores"
    assert CANARY not in str(caught.value) + caught.value.looked_for + caught.value.message


def test_4_4_pubs_of_one_name_have_keys_and_addresses_of_their_own() -> None:
    reading = read(*(store(storeid=f"8120{number}", name="The White Horse") for number in range(3)))
    assert len({listing.key for listing in reading.listings}) == 3
    assert len({listing.url for listing in reading.listings}) == 3
    assert {listing.name for listing in reading.listings} == {"The White Horse"}  # nothing appended


def test_4_2_the_fragment_is_the_store_id_whatever_is_in_it() -> None:
    (listing,) = read(store(storeid="a b#c")).listings
    assert listing.url == "https://inquizition.com/find-a-quiz/#a%20b%23c"


@pytest.mark.parametrize(
    ("filters", "description", "expected"),
    [
        (["Tuesday"], "Tuesdays, 6.30pm", ["2 18:30"]),
        (["Wednesday"], "Tuesdays, 7pm", ["3 19:00"]),
        ([], "Sundays, 7.15pm", ["7 19:15"]),
        (["Tuesday", "Thursday"], "7pm", ["2 19:00", "4 19:00"]),
        (["Tuesday", "Thursday"], "Tuesdays 7pm & Thursdays 8pm", ["2 19:00", "4 20:00"]),
        (["Tuesday", "Thursday"], "Tuesdays, 7pm", ["2 19:00", "4 19:00"]),
        (["Thursday"], "Tuesdays 7pm & Thursdays 8pm", ["4 20:00"]),
        (["Tuesday", "Tuesday"], "Tuesdays, 7pm", ["2 19:00"]),
        (["Fulham", "Monday"], "8", []),
        (["Monday"], "8pm", ["1 20:00"]),
        (["Monday"], "Mondays at 7", ["1 19:00"]),
        (["Monday"], "Mondays, 19.30", ["1 19:30"]),
        (["Monday"], "Mondays, 13pm", []),
    ],
)  # fmt: skip
def test_4_3_filters_say_the_days_and_the_description_the_time(
    filters: list[str], description: str, expected: list[str]
) -> None:
    if expected:
        assert evenings(filters, description) == expected
    else:  # T7: nothing is made up
        reading = read(store(filters=filters, data={**store()["data"], "description": description}))
        assert [entry.reason for entry in reading.rejected] == ["schedule without time"]


@pytest.mark.parametrize("description", ["", "Tuesdays", "Tuesdays, 25.00"])
def test_t7_no_time_is_ever_assumed(description: str) -> None:
    listing = Listing("inquizition", "1", "https://inquizition.com/find-a-quiz/#1", "Pub", address="1 Row, London",
                      schedule_text=description, stated={"filters": "Tuesday"})  # fmt: skip
    with pytest.raises(PageShapeChanged):
        SOURCE.read_detail(listing, None, None)


def test_4_3_the_fee_is_the_constant_and_weekly_is_the_cadence() -> None:
    (event,) = detail().events
    assert (event.fee_minor, event.currency, event.frequency) == (250, "GBP", "weekly")


def test_a_place_id_counts_where_there_is_one() -> None:
    assert detail(google_placeid="").venue.place_id is None
    assert detail(google_placeid="  ").venue.place_id is None
    assert detail(google_placeid="ChIJ-demo").venue.place_id == "ChIJ-demo"


def test_4_2_there_are_neither_hosts_nor_pictures() -> None:
    found = detail()
    assert (found.performer, found.images) == (None, ())


def test_the_index_ends_with_its_one_page() -> None:
    assert read(store()).follow == ()
    assert SOURCE.ends_index(PageRequest(SOURCE.default_index_url), 404) is False
