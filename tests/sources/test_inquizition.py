"""Inquizition beyond its saved documents: what must not leave the module, how evenings are told (sources.md 4)."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import asdict
from typing import Any

import pytest

from trivia_scraper.domain.errors import PageShapeChanged
from trivia_scraper.domain.models import Detail, EventStatus, Listing
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


# ---------------------------------------------------------------- 4.1: rejections


ABSENT = object()


def without(field: str, value: object, fields: dict[str, Any]) -> dict[str, Any]:
    return {
        **{name: kept for name, kept in fields.items() if name != field},
        **({} if value is ABSENT else {field: value}),
    }


BAD = [ABSENT, None, "", "  \r\n ", [], {}, True]
BAD_IDS = ["absent", "null", "empty", "blank", "list", "object", "bool"]


@pytest.mark.parametrize("value", BAD, ids=BAD_IDS)
@pytest.mark.parametrize(("field", "reason"), [("storeid", "no storeid"), ("name", "no name"), ("data", "no data")])
def test_4_1_a_required_field_of_the_store_is_bad(field: str, reason: str, value: object) -> None:
    if (field, value) == ("data", {}):
        reason = "no address"
    reading = read(without(field, value, store()), store(storeid="9"))
    assert [entry.reason for entry in reading.rejected] == [reason]
    assert [listing.key for listing in reading.listings] == ["9"]


@pytest.mark.parametrize("value", BAD, ids=BAD_IDS)
@pytest.mark.parametrize(
    ("field", "reason"), [("address", "no address"), ("map_lat", "no position"), ("map_lng", "no position")]
)
def test_4_1_a_required_field_of_the_data_is_bad(field: str, reason: str, value: object) -> None:
    reading = read(store(data=without(field, value, store()["data"])), store(storeid="9"))
    assert [entry.reason for entry in reading.rejected] == [reason]
    assert [listing.key for listing in reading.listings] == ["9"]


@pytest.mark.parametrize("axis", ["map_lat", "map_lng"])
@pytest.mark.parametrize("value", ["abc", "51,5", "NaN", "51.5N"])
def test_4_1_a_coordinate_is_a_number(axis: str, value: str) -> None:
    (rejected,) = read(store(data=store()["data"] | {axis: value})).rejected
    assert rejected.reason == "no position"


@pytest.mark.parametrize("field", ["phone", "website", "email", "description"])
@pytest.mark.parametrize("value", BAD, ids=BAD_IDS)
def test_4_1_a_bad_optional_field_never_rejects(field: str, value: object) -> None:
    data = without(field, value, store()["data"])
    reading = read(store(data=data))
    reasons = ["schedule without time"] if field == "description" else []  # the hour stands nowhere else (T7)
    assert [entry.reason for entry in reading.rejected] == reasons


@pytest.mark.parametrize("value", [None, "", "Tuesday", [], [None, 7], {}, True], ids=repr)
def test_4_3_without_day_filters_the_description_says_the_day(value: object) -> None:
    (event,) = detail(filters=value).events
    assert event.weekday == 2


@pytest.mark.parametrize("record", [None, 7, "x", [], True], ids=repr)
def test_n7_a_store_that_is_no_object_costs_no_other(record: object) -> None:
    reading = read(record, store())
    assert ([entry.reason for entry in reading.rejected], len(reading.listings)) == (["no store record"], 1)


@pytest.mark.parametrize(
    "body",
    ["", "slw()", "slw(null)", "slw([])", 'slw("x")', "slw(7)", "slw({})", 'slw({"stores": null})',
     'slw({"stores": {}})', 'slw({"stores": "x"})', '{"locations": []}', "<html></html>"],
)  # fmt: skip
def test_4_1_a_body_without_a_list_of_stores_is_a_changed_document(body: str) -> None:
    with pytest.raises(PageShapeChanged) as caught:
        SOURCE.read_index(page(body))
    assert caught.value.looked_for.startswith("stores")


@pytest.mark.parametrize(
    "wrap", ["slw({})", "slw({});", "slwapi({});\r\n", "/**/ slw ( {} ) ;", "\ufeffslw({})", "{}"]
)
def test_4_1_the_wrapper_may_be_of_either_form_or_missing(wrap: str) -> None:
    body = json.dumps({"stores": [store()]})
    assert len(SOURCE.read_index(page(wrap.replace("{}", body))).listings) == 1


def test_entities_of_an_editor_are_decoded_in_words_and_nowhere_else() -> None:
    data = store()["data"] | {"website": "https://a.example/?x=1&copy=2"}
    venue = detail(name="King&#8217;s Arms &amp; Co", data=data).venue
    assert (venue.name, venue.website) == ("King’s Arms & Co", "https://a.example/?x=1&copy=2")


@pytest.mark.parametrize(
    ("description", "status"),
    [
        ("Tuesdays, 6.30pm - on hold", EventStatus.PAUSED),
        ("Tuesdays, 6.30pm. Starts on 5 May", EventStatus.STARTS_LATER),
        ("Tuesdays, 6.30pm (cancelled this week)", EventStatus.CANCELLED_ONCE),
        ("Tuesdays, 6.30pm", EventStatus.ACTIVE),
    ],
)
def test_q4_status_words_of_the_description(description: str, status: EventStatus) -> None:
    (event,) = detail(data=store()["data"] | {"description": description}).events
    assert event.status is status
