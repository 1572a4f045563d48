"""The JSON calendars: The Events Calendar and Squarespace (sources.md 11.4)."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest

from trivia_scraper.domain.errors import PageShapeChanged
from trivia_scraper.domain.models import EventStatus, Frequency, RejectedListing
from trivia_scraper.sources.structured.facts import StructuredFacts
from trivia_scraper.sources.structured.grouping import grouped
from trivia_scraper.sources.structured.squarespace import read_squarespace
from trivia_scraper.sources.structured.tribe import read_tribe

FIXTURES = Path(__file__).parent / "structured_fixtures"
TRIBE_URL = "https://bar.example.net/wp-json/tribe/events/v1/events"
SQUARE_URL = "https://lantern.example.net/calendar?format=json"
at = dt.datetime.fromisoformat


def tribe_page() -> str:
    return (FIXTURES / "tribe_page.json").read_text(encoding="utf-8")


def square_page() -> str:
    return (FIXTURES / "squarespace_page.json").read_text(encoding="utf-8")


def test_tribe_entries() -> None:
    reading = read_tribe(tribe_page(), url=TRIBE_URL)
    first, second = reading.facts
    assert first == StructuredFacts(
        name="Trivia – Round One",
        venue_name="The Lantern",
        url="https://bar.example.net/event/trivia/2026-04-07/",
        address="40 Water St, Denver, CO, 80202, United States",
        street="40 Water St",
        locality="Denver",
        region="CO",
        postcode="80202",
        country="United States",
        latitude=39.7512,
        longitude=-104.9988,
        phone="303-555-0100",
        website="https://lantern.example.net",
        description="Six rounds.\nPrizes & drinks.",
        price="$5",
        starts=at("2026-04-07T19:00"),
        ends=at("2026-04-07T21:00"),
        start_time=dt.time(19),
        end_time=dt.time(21),
        next_date=dt.date(2026, 4, 7),
        key="7",
    )
    assert (second.venue_name, second.image, second.price) == (None, "https://bar.example.net/quiz.jpg", None)
    assert reading.next_url == "https://bar.example.net/wp-json/tribe/events/v1/events?page=2"


def test_tribe_rejected_with_their_reasons() -> None:
    assert read_tribe(tribe_page(), url=TRIBE_URL).rejected == (
        RejectedListing("9", "Spring holiday", "an all-day entry"),
        RejectedListing("10", "No date", "no start"),
        RejectedListing(None, None, "no object"),
    )


@pytest.mark.parametrize("timezone", ["UTC+0", "UTC", "America/Denver", None, 5])
def test_11_6_7_tribe_start_date_is_local_whatever_the_timezone_says(timezone: object) -> None:
    body = json.dumps({"events": [{"title": "Q", "start_date": "2026-04-07 19:00:00", "timezone": timezone}]})
    (facts,) = read_tribe(body, url=TRIBE_URL).facts
    assert (facts.starts, facts.start_time) == (at("2026-04-07T19:00"), dt.time(19))


@pytest.mark.parametrize("venue", [[], {}, None, "The Lantern", [[]], 7])
def test_tribe_a_venue_that_is_none(venue: object) -> None:
    body = json.dumps({"events": [{"title": "Q", "start_date": "2026-04-07 19:00:00", "venue": venue}]})
    assert read_tribe(body, url=TRIBE_URL).facts[0].venue_name is None


@pytest.mark.parametrize(
    ("status", "expected"),
    [("canceled", EventStatus.CANCELLED_ONCE), ("postponed", EventStatus.CANCELLED_ONCE), ("publish", None)],
)
def test_tribe_status(status: str, expected: EventStatus | None) -> None:
    body = json.dumps({"events": [{"title": "Q", "start_date": "2026-04-07 19:00:00", "status": status}]})
    assert read_tribe(body, url=TRIBE_URL).facts[0].status is expected


def test_tribe_dates_of_several_pages_make_a_series_at_one_venue() -> None:
    pages = [
        json.dumps(
            {
                "events": [
                    {"title": f"Trivia {day}", "start_date": f"2026-04-{day:02} 19:00:00", "venue": {"venue": venue}}
                ]
            }
        )
        for venue in ("The Lantern", "The Crown")
        for day in ((7, 14, 21) if venue == "The Lantern" else (8, 15))
    ]
    read = [fact for page in pages for fact in read_tribe(page, url=TRIBE_URL).facts]
    series, *dated = grouped(read, today=dt.date(2026, 4, 10))
    assert (series.venue_name, series.weekdays, series.start_time) == ("The Lantern", (2,), dt.time(19))
    assert (series.frequency, series.next_date) == (Frequency.WEEKLY, dt.date(2026, 4, 14))
    assert [fact.repeats for fact in dated] == [False, False]


def test_tribe_an_empty_list_is_a_valid_answer() -> None:
    assert read_tribe('{"events": [], "total": 0}', url=TRIBE_URL).facts == ()


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(
            '{"code": "rest_no_route", "message": "No route was found", "data": {"status": 404}}', id="error-body"
        ),
        pytest.param('{"events": {"a": 1}}', id="wrong-type"),
        pytest.param("[]", id="array"),
        pytest.param("<html>", id="html"),
        pytest.param("", id="empty"),
        pytest.param('{"events": [' + "9" * 5000 + "]}", id="5000-digits"),
        pytest.param('{"events": ' + "[" * 5000, id="deep"),
    ],
)
def test_an_unusable_body_names_what_was_looked_for(body: str) -> None:
    with pytest.raises(PageShapeChanged) as tribe:
        read_tribe(body, url=TRIBE_URL)
    assert "events[]" in tribe.value.looked_for
    with pytest.raises(PageShapeChanged) as squarespace:
        read_squarespace(body, "America/Denver", url=SQUARE_URL)
    assert "upcoming[]" in squarespace.value.looked_for


def test_squarespace_entries_on_the_clock_of_the_site() -> None:
    reading = read_squarespace(square_page(), "America/New_York", url=SQUARE_URL)
    first, second = reading.facts
    assert first == StructuredFacts(
        name="Pub Trivia",
        venue_name="The Lantern",
        url="https://lantern.example.net/calendar/pub-trivia",
        address="40 Water St, Austin, TX, 78701, United States",
        street="40 Water St",
        country="United States",
        latitude=30.2672,
        longitude=-97.7431,
        description="Free to play.",
        image="https://images.example.net/quiz.jpg",
        starts=at("2026-04-07T19:30"),
        ends=at("2026-04-07T21:30"),
        start_time=dt.time(19, 30),
        end_time=dt.time(21, 30),
        next_date=dt.date(2026, 4, 7),
        key="q1",
    )
    assert (second.starts, second.ends) == (first.starts, first.ends)
    assert reading.rejected == (RejectedListing("q3", "No start", "no start"),)
    assert reading.next_url == "https://lantern.example.net/calendar?offset=5&format=json"


def test_squarespace_people_s_accounts_are_nowhere_in_what_is_read() -> None:
    assert "Private Person" not in repr(read_squarespace(square_page(), None, url=SQUARE_URL))


def test_squarespace_the_past_is_not_read() -> None:
    assert "Old" not in [fact.name for fact in read_squarespace(square_page(), None, url=SQUARE_URL).facts]


@pytest.mark.parametrize(
    ("body", "names"),
    [
        pytest.param({"items": [{"title": "A", "startDate": 1775608200000}]}, ["A"], id="items"),
        pytest.param(
            {"upcoming": [], "items": [{"title": "A", "startDate": 1775608200000}]},
            [],
            id="an-empty-upcoming-is-valid",
        ),
    ],
)
def test_squarespace_upcoming_or_items(body: object, names: list[str]) -> None:
    assert [fact.name for fact in read_squarespace(json.dumps(body), "Europe/London", url=SQUARE_URL).facts] == names


def test_squarespace_without_any_zone_there_is_no_evening() -> None:
    (rejected,) = read_squarespace(
        '{"items": [{"id": 1, "title": "A", "startDate": 1775608200000}]}', None, url=SQUARE_URL
    ).rejected
    assert rejected == RejectedListing("1", "A", "a time in UTC, and no zone known")


def test_P5_squarespace_both_pins_at_the_vendor_s_default_are_no_position() -> None:
    pin = {"mapLat": 40.7207559, "mapLng": -74.0007613, "markerLat": "40.7207559", "markerLng": "-74.0007613"}
    body = json.dumps({"items": [{"title": "A", "startDate": 1775608200000, "location": pin}]})
    (facts,) = read_squarespace(body, "Europe/London", url=SQUARE_URL).facts
    assert (facts.latitude, facts.longitude) == (None, None)
