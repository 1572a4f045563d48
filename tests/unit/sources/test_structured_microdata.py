"""Microdata, h-event and hCalendar (sources.md 11.3)."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from trivia_scraper.domain.models import Frequency
from trivia_scraper.sources.document import Document
from trivia_scraper.sources.structured.facts import StructuredFacts, StructuredReading
from trivia_scraper.sources.structured.microdata import read_microdata, read_microdata_places

URL = "https://quiz.example.org/events/big-brain"
FIXTURES = Path(__file__).parent / "structured_fixtures"
at = dt.datetime.fromisoformat


def read(markup: str, zone: str | None = None) -> StructuredReading:
    return read_microdata(Document.parse(markup, url=URL), URL, zone=zone)


def event(inner: str) -> StructuredFacts:
    (facts,) = read(f'<div itemscope itemtype="http://schema.org/Event">{inner}</div>').facts
    return facts


def test_an_event_with_nested_items() -> None:
    reading = read((FIXTURES / "microdata_page.html").read_text(encoding="utf-8"))
    assert reading.facts == (
        StructuredFacts(
            name="Big Brain Quiz",
            venue_name="The Brass Lamp",
            url="https://quiz.example.org/events/quiz",
            address="12 Dock Street, Leeds, LS1 4AP",
            street="12 Dock Street",
            locality="Leeds",
            postcode="LS1 4AP",
            description="Teams of six.\nBring a pen.",
            image="https://quiz.example.org/pictures/brain.jpg",
            price="1.50 GBP",
            starts=at("2026-05-06T20:00"),
            ends=at("2026-05-06T22:30"),
            start_time=dt.time(20),
            end_time=dt.time(22, 30),
            next_date=dt.date(2026, 5, 6),
        ),
    )


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        pytest.param('<meta itemprop="name" content="Quiz">', "Quiz", id="content"),
        pytest.param('<span itemprop="name" content="Quiz">shown</span>', "Quiz", id="content-beats-text"),
        pytest.param('<data itemprop="name" value="Quiz">shown</data>', "Quiz", id="value"),
        pytest.param("<b itemprop=name>Quiz <i>night</i></b>", "Quiz night", id="text"),
        pytest.param('<b itemprop="name headline">Quiz</b>', "Quiz", id="two-names"),
        pytest.param('<b itemprop="name">One</b><b itemprop="name">Two</b>', "One", id="the-first-of-many"),
        pytest.param(
            '<div itemscope><b itemprop="name">inner</b></div><b itemprop="name">Quiz</b>',
            "Quiz",
            id="another-item's-property",
        ),
        pytest.param('<b itemprop="@type name">Quiz</b>', "Quiz", id="no-property-can-change-the-type"),
        pytest.param('<b itemprop="name"> </b>', None, id="blank"),
    ],
)
def test_11_3_where_a_value_stands(markup: str, expected: str | None) -> None:
    assert event(markup).name == expected


@pytest.mark.parametrize(
    "markup",
    [
        pytest.param('<time itemprop="startDate" datetime="2026-05-06T20:00">8 pm</time>', id="datetime"),
        pytest.param('<span itemprop="startDate" content="2026-5-6T20:00">8 pm</span>', id="content"),
        pytest.param('<span itemprop="startDate">2026-05-06 20:00</span>', id="text"),
    ],
)
def test_11_3_when_it_starts(markup: str) -> None:
    assert event(markup).starts == at("2026-05-06T20:00")


def test_a_location_with_the_street_in_its_name() -> None:
    facts = event(
        '<div itemprop="location" itemscope itemtype="http://schema.org/Place">'
        '<p itemprop="name">The Lamp<br>12 Dock St</p></div>'
    )
    assert (facts.venue_name, facts.address) == ("The Lamp", "12 Dock St")


def test_a_location_as_text() -> None:
    assert event('<span itemprop="location">The Lamp, 12 Dock St</span>').venue_name == "The Lamp"


def test_a_schedule_item() -> None:
    facts = event(
        '<div itemprop="eventSchedule" itemscope itemtype="https://schema.org/Schedule">'
        '<link itemprop="byDay" href="https://schema.org/Monday">'
        '<link itemprop="byDay" href="https://schema.org/Tuesday"><meta itemprop="startTime" content="19:00">'
        '<meta itemprop="repeatFrequency" content="P2W"></div>'
    )
    assert (facts.weekdays, facts.start_time, facts.frequency) == ((1, 2), dt.time(19), Frequency.BIWEEKLY)


def test_a_place_of_its_own_is_no_event_and_an_event_s_place_not_the_page_s() -> None:
    markup = (
        '<div itemscope itemtype="https://schema.org/BarOrPub"><h1 itemprop="name">The Lamp</h1>'
        '<a itemprop="url" href="https://lamp.example.net">site</a></div>'
        '<div itemscope itemtype="https://schema.org/Event"><div itemprop="location" itemscope'
        ' itemtype="https://schema.org/Place"><b itemprop="name">Elsewhere</b></div></div>'
    )
    (place,) = read_microdata_places(Document.parse(markup, url=URL), URL).facts
    assert (place.name, place.website) == ("The Lamp", "https://lamp.example.net")
    assert [facts.venue_name for facts in read(markup).facts] == ["Elsewhere"]


H_EVENT = """<div class="h-event"><h1 class="p-name">Quiz</h1>
<time class="dt-start" datetime="2026-05-06T20:00">8pm</time>
<time class="dt-end" datetime="2026-05-06T22:00">10pm</time><a class="u-url" href="/q">more</a>
<div class="p-location h-card"><b class="p-name">The Lamp</b> <span class="p-street-address">12 Dock St</span></div>
<div class="e-content">Six rounds.</div></div>"""
H_CALENDAR = """<div class="vevent"><h1 class="summary">Quiz</h1>
<abbr class="dtstart" title="2026-05-06T20:00">8pm</abbr>
<span class="dtend"><span class="value-title" title="2026-05-06T22:00"></span>10pm</span>
<a class="url" href="/q">more</a>
<div class="location">The Lamp, 12 Dock St</div><p class="description">Six rounds.</p></div>"""


@pytest.mark.parametrize("markup", [pytest.param(H_EVENT, id="h-event"), pytest.param(H_CALENDAR, id="hCalendar")])
def test_11_3_classes_as_a_courtesy(markup: str) -> None:
    (facts,) = read(markup).facts
    assert (facts.name, facts.url, facts.description) == ("Quiz", "https://quiz.example.org/q", "Six rounds.")
    assert (facts.starts, facts.end_time) == (at("2026-05-06T20:00"), dt.time(22))
    assert (facts.venue_name, facts.address) == ("The Lamp", "12 Dock St")


@pytest.mark.parametrize(
    "markup", ["", "<p>no items</p>", '<b itemprop="name">nobody\'s</b>', "<div itemscope></div>"]
)
def test_no_event_is_found_quietly(markup: str) -> None:
    assert read(markup) == StructuredReading()


def test_items_and_properties_nested_without_end() -> None:
    items = '<div itemscope itemprop="subEvent" itemtype="http://schema.org/Event">' * 200
    properties = "".join(f'<div itemprop="p{number}">' for number in range(200))
    reading = read(f"{items}{properties}<b itemprop=name>deep</b>")
    assert len(reading.facts) == 200
