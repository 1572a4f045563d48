"""Pages and feeds of real sites, read as a person reads them (shared captures; skipped where they are not)."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest

from trivia_scraper.domain.models import Frequency
from trivia_scraper.sources.document import Document
from trivia_scraper.sources.structured.calendar import read_calendar
from trivia_scraper.sources.structured.facts import StructuredReading
from trivia_scraper.sources.structured.jsonld import read_jsonld, read_jsonld_places
from trivia_scraper.sources.structured.microdata import read_microdata
from trivia_scraper.sources.structured.opengraph import read_opengraph
from trivia_scraper.sources.structured.squarespace import read_squarespace
from trivia_scraper.sources.structured.tribe import read_tribe

CAPTURES = Path(__file__).parents[4] / "shared" / "captures" / "declarative"
URL = "https://site.example/page"
at = dt.datetime.fromisoformat

pytestmark = pytest.mark.skipif(not CAPTURES.exists(), reason="the shared captures are not here")


def capture(name: str) -> str:
    return (CAPTURES / name).read_text(encoding="utf-8")


def document(name: str) -> Document:
    return Document.parse(capture(name), url=URL)


@pytest.mark.parametrize(
    "name",
    [
        "jsonld_graph_without_event.html",
        "jsonld_bad_character.html",
        "jsonld_control_characters.html",
        "jsonld_js_comment.html",
        "tribe_list_page.html",
        "squarespace_calendar_page.html",
        "next_data_pub.html",
        "ajax_cards_2026-08-14_empty.html",
    ],
)
def test_a_page_without_an_event_gives_nothing_and_no_complaint(name: str) -> None:
    page = document(name)
    assert read_jsonld(page, URL) == StructuredReading()
    assert read_jsonld_places(page, URL) == StructuredReading()
    assert read_microdata(page, URL) == StructuredReading()


def test_json_ld_array_of_event_subtypes() -> None:
    friday, saturday = read_jsonld(document("jsonld_event_array.html"), URL).facts
    assert (friday.name, friday.venue_name) == ("Friday Night Standup", "Eastville Comedy Club")
    assert friday.address == "487 Atlantic Ave, Brooklyn, NY, 11217, US"
    assert (friday.locality, friday.region, friday.postcode, friday.price) == ("Brooklyn", "NY", "11217", "25.00 USD")
    assert (friday.starts, friday.end_time, friday.weekdays) == (at("2025-07-04T20:00"), dt.time(22), ())
    assert (saturday.name, saturday.venue_name, saturday.address) == ("Saturday Late Show", None, None)
    assert saturday.start_time == dt.time(22)


@pytest.mark.parametrize(
    ("event", "zone", "local_clock", "start"),
    [
        pytest.param("exhibit", None, False, dt.time(10), id="the-offset-of-the-place"),
        pytest.param("exhibit", "America/Chicago", False, dt.time(10), id="the-offset-in-its-zone"),
        pytest.param("music", None, False, None, id="Z-without-a-zone-is-not-read-as-a-time"),
        pytest.param("music", "America/Chicago", False, dt.time(14), id="Z-believed"),
        pytest.param("music", "America/Chicago", True, dt.time(19), id="Z-that-is-really-local"),
    ],
)
def test_11_6_7_whose_clock(event: str, zone: str | None, local_clock: bool, start: dt.time | None) -> None:
    nodes: dict[str, object] = json.loads(capture("jsonld_event_details.json"))
    url, node = next((url, node) for url, node in nodes.items() if ("museum" in url) == (event == "exhibit"))
    page = Document.parse(f'<script type="application/ld+json">{json.dumps(node)}</script>', url=url)
    (facts,) = read_jsonld(page, url, zone=zone, local_clock=local_clock).facts
    assert facts.start_time == start
    assert facts.image is not None
    assert facts.image.startswith("https://www.destinationbryan.com/imager/cmsimages/")
    assert (facts.locality, facts.region, facts.country) == ("Bryan", "TX", "USA")


def test_a_detail_page_with_microdata() -> None:
    (facts,) = read_microdata(document("microdata_event_detail.html"), URL).facts
    assert facts.name == "Howard Street SSA #19 Commissioners Meeting"
    assert (facts.venue_name, facts.address) == ("The Factory Theater", "1623 W. Howard St.")
    assert (facts.starts, facts.end_time) == (at("2019-11-20T08:30"), dt.time(10))
    assert facts.url == (
        "https://business.rpba.org/events/details/howard-street-ssa-19-commissioners-meeting-11-20-2019-6350"
    )
    assert "every third Wednesday of the month" in (facts.description or "")


def test_html_inside_json_with_broken_json_ld_and_sound_microdata() -> None:
    page = Document.parse(json.loads(capture("ajax_json_with_html.json"))["content"], url=URL)
    (broken,) = read_jsonld(page, URL).facts
    assert (broken.name, broken.starts) == ("CCLBA Land Transactions Committee", None)
    assert (broken.image or "").endswith("/Chicago.Neighborhoods_Croprev-300x144.jpg")
    (sound,) = read_microdata(page, URL).facts
    assert (sound.name, sound.starts) == ("CCLBA Land Transactions Committee", at("2019-09-13T10:00"))
    assert sound.end_time == dt.time(23, 50)


def test_opengraph_of_a_calendar_page() -> None:
    (facts,) = read_opengraph(document("squarespace_calendar_page.html"), URL).facts
    assert facts.name == "Food Trucks/Events — Bale Breaker & Yonder Cider Taproom"
    assert (facts.url, facts.start_time) == ("https://www.bbycballard.com/food-trucks-1-1", None)


def test_the_weekly_quiz() -> None:
    reading = read_calendar(capture("own_weekly_quiz.ics"), None, today=dt.date(2026, 4, 10), url=URL)
    quiz, sunday, bingo = reading.facts
    assert (quiz.name, quiz.weekdays, quiz.frequency) == ("Pub Quiz", (3,), Frequency.WEEKLY)
    assert (quiz.start_time, quiz.end_time) == (dt.time(18, 30), dt.time(20))
    assert (quiz.venue_name, quiz.address) == ("The Example Arms", "1 High Street")
    assert quiz.next_date == dt.date(2026, 5, 6)
    assert quiz.status is None
    assert (sunday.weekdays, sunday.frequency, sunday.ordinals) == ((7,), Frequency.MONTHLY, (1,))
    assert (sunday.start_time, sunday.next_date) == (dt.time(17), dt.date(2026, 5, 3))
    assert (bingo.starts, bingo.weekdays) == (at("2026-04-03T18:00"), ())
    assert [rejected.reason for rejected in reading.rejected] == ["an all-day entry"]


def test_the_weekly_quiz_and_its_next_date_day_by_day() -> None:
    text = capture("own_weekly_quiz.ics")
    expected = {"2026-03-01": "04-01", "2026-04-02": "04-08", "2026-04-09": "05-06", "2026-05-07": "05-13"}
    for today, coming in expected.items():
        quiz = read_calendar(text, None, today=dt.date.fromisoformat(today), url=URL).facts[0]
        assert quiz.next_date == dt.date.fromisoformat(f"2026-{coming}")


def test_three_calendars_in_one_file() -> None:
    reading = read_calendar(capture("multiple_calendars.ics"), None, today=None, url=URL)
    assert [fact.name for fact in reading.facts] == ["Coffee with Jason", "Coffee with Mike", "Coffee with Kim"]
    assert {fact.starts for fact in reading.facts} == {at("2010-04-08T00:00")}
    assert {fact.end_time for fact in reading.facts} == {dt.time(1)}


def test_a_wordpress_calendar() -> None:
    reading = read_calendar(capture("wordpress_calendar.ics"), None, today=None, url=URL)
    assert sorted((fact.name or "", str(fact.starts)) for fact in reading.facts) == [
        ("Allocations Meeting", "2024-06-04 14:00:00"),
        ("Executive Committee Meeting", "2024-05-14 08:30:00"),
        ("Executive Committee Meeting", "2024-06-11 08:30:00"),
        ("Finance Meeting", "2024-05-09 15:30:00"),
        ("Finance Meeting", "2024-06-06 15:30:00"),
        ("Outreach Meeting", "2024-05-09 08:30:00"),
        ("Outreach Meeting", "2024-06-06 08:30:00"),
    ]
    assert not any(fact.repeats for fact in reading.facts)
    assert {rejected.reason for rejected in reading.rejected} == {"an all-day entry"}
    assert len(reading.rejected) == 23


def test_the_events_calendar() -> None:
    jazz, market = read_tribe(capture("tribe_events_v1.json"), url=URL).facts
    assert (jazz.key, jazz.name, jazz.starts) == ("101", "Summer Jazz Festival", at("2025-07-04T18:00"))
    assert (jazz.description, jazz.end_time) == ("Live jazz performances in the courtyard.", dt.time(22))
    assert (market.url, market.start_time) == ("https://industrycity.com/event/makers-market/", dt.time(10))


def test_squarespace() -> None:
    reading = read_squarespace(capture("own_squarespace_events.json"), "America/New_York", url=URL)
    trivia, open_mic = reading.facts
    assert (trivia.name, trivia.starts, trivia.end_time) == (
        "Trivia Tuesday",
        at("2026-03-31T20:30"),
        dt.time(22, 30),
    )
    assert (trivia.venue_name, trivia.street) == ("The Example Arms", "1 High Street")
    assert (trivia.latitude, trivia.longitude) == (None, None)
    assert trivia.description == "Free to play. Prizes for the top three teams."
    assert (open_mic.latitude, open_mic.longitude) == (40.7099, -73.9634)
    assert reading.next_url == "https://site.example/events?offset=1775001600000&format=json"
