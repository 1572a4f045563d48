"""SpeedQuizzing beyond its saved pages: the real index, times, fees and countries (sources.md 5)."""

from __future__ import annotations

import csv
import datetime as dt
import json
from html import escape
from pathlib import Path
from typing import Any

import pytest

from sources.cases import CAPTURES
from trivia_scraper.domain.errors import PageShapeChanged
from trivia_scraper.domain.models import Detail, EventStatus, Listing
from trivia_scraper.domain.pages import Page, PageRequest
from trivia_scraper.domain.source import IndexReading
from trivia_scraper.sources.speed_quizzing import SpeedQuizzing

SOURCE = SpeedQuizzing()
TODAY = dt.date(2026, 7, 11)
LEITH, DUBAI, DUBLIN, BOSTON = (55.9721, -3.1732), (25.0677, 55.1616), (53.3459, -6.2595), (42.3586, -71.0646)


def captured(path: str) -> str:
    file: Path = CAPTURES / path
    if not file.exists():
        pytest.skip("the shared captures are not here")
    return file.read_text("utf-8")


def read_index(text: str, url: str = SOURCE.default_index_url) -> IndexReading:
    request = SOURCE.first_request(url, TODAY)
    return SOURCE.read_index(Page(request, url, 200, text, "text/html", len(text)))


def index_of(*bookings: dict[str, Any]) -> str:
    literal = json.dumps(bookings).replace("\\", "\\\\").replace("'", "\\'")
    return f"<html><script>var events = JSON.parse('{literal}');</script></html>"


def read_page(
    *,
    clock: str = " 8pm • Monday 13 Jul 2026",
    description: str = "£2 to play",
    address: str = "12-14 Ropemaker Row, Leith, Edinburgh",
    position: tuple[float, float] | None = LEITH,
    date: str = "",
    extra: str = "",
) -> Detail:
    latitude, longitude = position or (None, None)
    listing = Listing("speed_quizzing", "90001", "https://www.speedquizzing.com/events/90001/", "x",
                      latitude=latitude, longitude=longitude, stated={"date": date})  # fmt: skip
    markup = (
        f'<html><p class="mb-0"><i class="fa fa-map-marker"></i><b>Lighthouse Bar</b>, {address}</p>'
        f'<p class="mb-0"><i class="fa fa-clock"></i>{clock}</p>'
        f'<p class="sm1">{escape(description)}</p>{extra}</html>'
    )
    request = SOURCE.detail_request(listing)
    return SOURCE.read_detail(listing, Page(request, request.url, 200, markup, "text/html", len(markup)), None)


def test_5_1_the_real_index_of_july_2026_is_read() -> None:
    reading = read_index(captured("speed_quizzing/find_2026-07-11.html"))
    assert [listing.key for listing in reading.listings] == [
        "7056", "8363", "13840", "15700", "3030", "10992", "13398", "10347",
    ]  # fmt: skip
    dubai = reading.listings[2]
    assert (dubai.latitude, dubai.longitude) == (25.067661, 55.1616195)
    assert dubai.url == "https://www.speedquizzing.com/events/13840/"
    assert dubai.stated == {"day": "Saturday", "date": "2026-07-11"}  # the booking id is nobody's business
    assert reading.rejected == ()


def test_5_1_the_literal_ends_at_its_first_unescaped_quote() -> None:
    text = index_of({"event_id": "1", "day": "it's ') JSON.parse('"}).replace("</script>", "var b = 'x');</script>")
    (listing,) = read_index(text).listings
    assert listing.stated["day"] == "it's ') JSON.parse('"


def test_5_1_an_id_with_several_dates_comes_first_with_its_earliest() -> None:
    reading = read_index(
        index_of(
            {"event_id": "1", "date": "2026-07-27", "bid": "7"},
            {"event_id": "2", "date": "2026-07-14", "bid": "8"},
            {"event_id": "1", "date": "2026-07-13", "bid": "9"},
        )
    )
    assert [(listing.key, listing.stated["date"]) for listing in reading.listings] == [
        ("1", "2026-07-13"), ("2", "2026-07-14"), ("1", "2026-07-27"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("index_url", "expected"),
    [
        ("https://www.speedquizzing.com/find/", "https://www.speedquizzing.com/events/1/"),
        ("https://speedquizzing.com/find", "https://www.speedquizzing.com/events/1/"),
        ("http://www.speedquizzing.com/find/?near=me", "https://www.speedquizzing.com/events/1/"),
        ("http://127.0.0.1:8099/speed_quizzing/find/", "http://127.0.0.1:8099/speed_quizzing/events/1/"),
    ],
)
def test_pages_stand_beside_the_index_wherever_that_is(index_url: str, expected: str) -> None:
    (listing,) = read_index(index_of({"event_id": "1"}), index_url).listings
    assert listing.url == expected


def test_5_6_a_missing_page_is_normal() -> None:
    assert SOURCE.missing_details_are_normal is True
    assert SOURCE.ends_index(PageRequest(SOURCE.default_index_url), 404) is False


@pytest.mark.parametrize(
    ("spelling", "expected"),
    [
        ("8pm", "20:00"), ("7pm", "19:00"), ("7:00 PM", "19:00"), ("20:00", "20:00"), ("8.30pm", "20:30"),
        ("8:30pm", "20:30"), ("8PM", "20:00"), ("7", "19:00"), ("8.00pm", "20:00"), ("6:30pm", "18:30"),
        ("6:30 PM", "18:30"), ("7PM", "19:00"), ("8:00pm", "20:00"), ("8", "20:00"), ("7:00 pm", "19:00"),
        ("21:00", "21:00"), ("7:30", "19:30"), ("7.30pm", "19:30"), ("19:00", "19:00"), ("8.15pm", "20:15"),
        ("9.00pm", "21:00"), ("8p", "20:00"), ("20:30", "20:30"), ("1930", "19:30"), ("930pm", "21:30"),
    ],
    ids=str,
)  # fmt: skip
def test_5_3_every_spelling_of_the_time_that_was_seen(spelling: str, expected: str) -> None:
    (event,) = read_page(clock=f" {spelling} • Monday 3 Mar 2025").events
    assert (event.weekday, f"{event.start_time:%H:%M}", event.frequency) == (1, expected, "weekly")
    assert event.next_date == dt.date(2025, 3, 3)


@pytest.mark.parametrize("hour", range(1, 12))
def test_5_3_bare_hours_are_pm(hour: int) -> None:
    assert read_page(clock=f" {hour} • Monday 3 Mar 2025").events[0].start_time == dt.time(hour + 12)
    assert read_page(clock=f" {hour}:30 • Monday 3 Mar 2025").events[0].start_time == dt.time(hour + 12, 30)


@pytest.mark.parametrize("spelling", ["tbc", "", "13pm", "25:00", "730", "7:75"])
def test_5_3_anything_else_is_unknown_and_no_midnight(spelling: str) -> None:
    with pytest.raises(PageShapeChanged) as caught:
        read_page(clock=f" {spelling} • Monday 3 Mar 2025")
    assert "no time" in caught.value.message


def test_5_2_the_date_comes_from_the_page_else_from_the_index() -> None:
    assert read_page(date="2026-07-20").events[0].next_date == dt.date(2026, 7, 13)
    assert read_page(clock=" 8pm • Monday 13 Jul", date="2026-07-20").events[0].next_date == dt.date(2026, 7, 20)
    assert read_page(clock=" 8pm • Monday", date="soon").events[0].next_date is None


def test_a_weekday_that_nobody_states_follows_from_the_date() -> None:
    assert read_page(clock=" 8pm", date="2026-07-14").events[0].weekday == 2


@pytest.mark.parametrize(
    ("description", "position", "fee", "currency"),
    [
        ("Prizes, £45 | £2 to play | Age 18+", LEITH, 200, "GBP"),
        ("Prizes, £45 | Age 18+", LEITH, None, "GBP"),
        ("Prizes, 500aed | 0 to play | Max 10 per team | Age 21+", DUBAI, 0, "AED"),
        ("50 to play", DUBAI, 5000, "AED"),
        ("3 Euros to play", LEITH, 300, "EUR"),
        ("5 to play", DUBLIN, 500, "EUR"),
        ("3 pounds to play", DUBLIN, 300, "GBP"),
        ("2 dollars to play", BOSTON, 200, "USD"),
        ("none to play", LEITH, 0, "GBP"),
        ("N/A to play", LEITH, 0, "GBP"),
        ("Free to play | Age n/a+", BOSTON, 0, "USD"),
        ("£5 per team to play | Max 6 per team", LEITH, 500, "GBP"),
        ("£1.50 TO PLAY", LEITH, 150, "GBP"),
        ("Max No per team | Age All+", LEITH, None, "GBP"),
        ("£2", LEITH, None, "GBP"),
        ("", LEITH, None, "GBP"),
    ],
)  # fmt: skip
def test_5_4_only_the_part_to_play_is_the_fee(
    description: str, position: tuple[float, float], fee: int | None, currency: str
) -> None:
    (event,) = read_page(description=description, position=position).events
    assert (event.fee_minor, event.currency) == (fee, currency)


def test_5_4_the_captured_phrases_of_the_site_are_read() -> None:
    positions = {"GB": LEITH, "US": BOSTON, "AE": DUBAI, "CY": (34.7071, 33.083)}
    rows = [
        row
        for row in csv.reader(captured("fee_phrases.tsv").splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE)
        if len(row) > 6 and "speedquizzing.com" in row[6]
    ]
    assert len(rows) > 20
    for phrase, country, _, fee, currency, *_ in rows:
        detail = read_page(description=phrase, position=positions.get(country, LEITH))
        assert detail.venue.country == (country or "GB")
        assert detail.events[0].fee_minor == (int(fee) if fee else None), phrase
        assert not currency or detail.events[0].currency == currency


@pytest.mark.parametrize(
    ("address", "position", "expected"),
    [
        ("1 Row, Perinton, 14534", BOSTON, "US America/New_York"),
        ("Marina Walk, Dubai, 00000", DUBAI, "AE Asia/Dubai"),
        ("Marina Walk, Dubai, 00000", None, "AE Asia/Dubai"),
        ("1 Row, Leith, Edinburgh, EH6 6ZZ", DUBLIN, "IE Europe/Dublin"),
        ("1 Row, Cork, T12 X8P7", None, "IE Europe/Dublin"),
        ("1 Row, Leith, Edinburgh, EH6 6ZZ", None, "GB Europe/London"),
        ("1 Row, Derry, BT48", (54.9966, -7.3086), "GB Europe/London"),
    ],
)  # fmt: skip
def test_5_5_country_and_zone_by_coordinates_first(
    address: str, position: tuple[float, float] | None, expected: str
) -> None:
    venue = read_page(address=address, position=position).venue
    assert f"{venue.country} {venue.timezone}" == expected


@pytest.mark.parametrize(
    "address", ["1 Main Street, Springfield, 12345", "1 Row, Newtown", "Georgiou, Old Town, 00000"]
)
def test_5_5_without_evidence_no_country_is_the_default(address: str) -> None:
    with pytest.raises(PageShapeChanged) as caught:
        read_page(address=address, position=None)
    assert caught.value.looked_for == "country"


def test_5_5_00000_is_no_postcode() -> None:
    venue = read_page(address="Marina Walk, Dubai, 00000", position=DUBAI).venue
    assert (venue.postcode, venue.city) == (None, "Dubai")


@pytest.mark.parametrize(
    ("heading", "name"),
    [
        ("This event is hosted by ★608 DJ Mallow", "DJ Mallow"),
        ("Hosted by 🎤 12 Sam", "Sam"),
        ("Quiz Master: Ada Vale", "Ada Vale"),
        ("★881", None),
    ],
)
def test_5_5_host_names_lose_stars_and_numbers(heading: str, name: str | None) -> None:
    section = f'<div id="menu4"><h3>{heading}</h3><img class="host-img" src="/h/1.jpg"></div>'
    detail = read_page(extra=section)
    assert (detail.performer.name if detail.performer else None) == name
    assert [image.owner_kind.value for image in detail.images] == ["performer" if name else "venue"]


def test_5_2_a_host_picture_outside_the_section_is_none() -> None:
    assert read_page(extra='<img class="host-img" src="/h/1.jpg">').images == ()


def test_5_2_the_event_page_is_never_the_website() -> None:
    venue = read_page().venue
    assert (venue.website, venue.facebook, venue.phone) == (None, None, None)


def test_5_5_the_title_is_made_of_the_venue() -> None:
    assert read_page().events[0].title == "SpeedQuizzing at Lighthouse Bar"


@pytest.mark.parametrize(
    ("description", "fee"),
    [
        ("Prizes, £50 to play for | £2 to play | Age 18+", 200),
        ("£50 to play for | £2 to play", 200),
        ("Prizes, £50 to play for | Max 8 per team", None),
        ("Prizes, free drinks | Max No per team", None),
    ],
)
def test_5_4_a_prize_to_play_for_is_no_fee(description: str, fee: int | None) -> None:
    assert read_page(description=description).events[0].fee_minor == fee


@pytest.mark.parametrize(
    ("date", "expected"), [("2026-07-13", dt.date(2026, 7, 13)), ("2026-07-14", None), ("soon", None), ("", None)]
)
def test_5_1_the_index_date_counts_only_on_the_evenings_weekday(date: str, expected: dt.date | None) -> None:
    (event,) = read_page(clock=" 8pm • Monday", date=date).events
    assert (event.weekday, event.next_date) == (1, expected)


@pytest.mark.parametrize(
    ("clock", "title", "status"),
    [
        ("8pm • Monday 13 Jul 2026 (cancelled)", "Quiz Night @ Lighthouse Bar, Leith", EventStatus.CANCELLED_ONCE),
        ("8pm • Monday 13 Jul 2026", "CANCELLED - Quiz Night @ Lighthouse Bar, Leith", EventStatus.CANCELLED_ONCE),
        ("8pm • Monday 13 Jul 2026", "Quiz Night on hold @ Lighthouse Bar, Leith", EventStatus.PAUSED),
        ("8pm • Monday 13 Jul 2026 (Starts on 13 Jul)", "Quiz Night", EventStatus.STARTS_LATER),
        ("8pm • Monday 13 Jul 2026", "Quiz Night @ Lighthouse Bar, Leith", EventStatus.ACTIVE),
    ],
)
def test_q4_status_words_of_clock_and_title(clock: str, title: str, status: EventStatus) -> None:
    brand = "SpeedQuizzing Smartphone Pub Quiz"
    meta = f'<meta content="{brand} • {title} • Next on Monday 13 Jul" property="og:title">'
    (event,) = read_page(clock=clock, extra=meta).events
    assert event.status is status


@pytest.mark.parametrize(
    "names",
    [
        {"event_id": "9", "lat": "55.9", "lon": "-3.1", "day": "Monday"},
        {"id": 9, "latitude": 55.9, "longitude": -3.1, "day_of_week": "Monday", "start_time": "20:00", "fee": "£2"},
        {"event_id": 9, "lat": 55.9, "lng": "-3.1", "day": "Monday"},
    ],
    ids=["2026", "alternatives", "lng"],
)
def test_5_1_other_names_of_a_field_are_accepted_and_none_is_required(names: dict[str, Any]) -> None:
    (listing,) = read_index(index_of(names)).listings
    assert (listing.key, listing.latitude, listing.longitude) == ("9", 55.9, -3.1)
    assert listing.schedule_text == "Monday"


@pytest.mark.parametrize(
    "booking", [None, 7, [], {}, {"event_id": ""}, {"event_id": None}, {"event_id": "../x"}], ids=repr
)
def test_n7_a_booking_without_an_id_costs_no_other(booking: Any) -> None:
    reading = read_index(index_of(booking, {"event_id": "9"}))
    assert ([listing.key for listing in reading.listings], len(reading.rejected)) == (["9"], 1)
