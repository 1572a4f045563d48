"""Whatever comes in: facts, or PageShapeChanged, and nothing else (safety.md 7, H103-H105)."""

from __future__ import annotations

import datetime as dt
import json
import random
from collections.abc import Callable
from dataclasses import astuple
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trivia_scraper.domain.errors import PageShapeChanged
from trivia_scraper.sources.document import Document
from trivia_scraper.sources.structured.calendar import read_calendar
from trivia_scraper.sources.structured.facts import StructuredReading
from trivia_scraper.sources.structured.jsonld import read_jsonld, read_jsonld_places
from trivia_scraper.sources.structured.microdata import read_microdata, read_microdata_places
from trivia_scraper.sources.structured.opengraph import read_opengraph
from trivia_scraper.sources.structured.squarespace import read_squarespace
from trivia_scraper.sources.structured.tribe import read_tribe

URL = "https://quiz.example.org/events"
TODAY = dt.date(2026, 4, 10)
FIXTURES = Path(__file__).parent / "structured_fixtures"
Reader = Callable[[str], StructuredReading]


def document(markup: str) -> Document:
    return Document.parse(markup, url=URL)


READERS: dict[str, Reader] = {
    "jsonld": lambda text: read_jsonld(document(text), URL, zone="Europe/London", today=TODAY),
    "jsonld_places": lambda text: read_jsonld_places(document(text), URL),
    "microdata": lambda text: read_microdata(document(text), URL, zone="Europe/London", today=TODAY),
    "microdata_places": lambda text: read_microdata_places(document(text), URL),
    "opengraph": lambda text: read_opengraph(document(text), URL),
    "calendar": lambda text: read_calendar(text, "Europe/London", today=TODAY, url=URL),
    "tribe": lambda text: read_tribe(text, url=URL),
    "squarespace": lambda text: read_squarespace(text, "Europe/London", url=URL),
}
PAGES = {
    "jsonld": "event_page.html",
    "jsonld_places": "event_page.html",
    "microdata": "microdata_page.html",
    "microdata_places": "microdata_page.html",
    "opengraph": "event_page.html",
    "calendar": "pub.ics",
    "tribe": "tribe_page.json",
    "squarespace": "squarespace_page.json",
}
INJECTIONS = (
    "\x00",
    "\ud800",
    "9" * 5000,
    "[" * 200,
    '"',
    "\\",
    "<",
    "&#" + "9" * 5000 + ";",
    "\r\n ",
    "{}",
    ",,",
    "::",
    "é" * 50,
)


def survives(read: Reader, text: str) -> None:
    try:
        reading = read(text)
    except PageShapeChanged as refused:
        reading = StructuredReading(notes=(refused.looked_for,))
        assert all(reading.notes)
    stated = [value for fact in reading.facts for value in astuple(fact) if isinstance(value, str)]
    assert not any(character in value for value in stated for character in ("\x00", "\ud800"))


@pytest.mark.parametrize("name", READERS)
@given(seed=st.integers(0, 2**32), cuts=st.integers(1, 8))
@settings(max_examples=60, deadline=None)
def test_mangled_pages(name: str, seed: int, cuts: int) -> None:
    text = (FIXTURES / PAGES[name]).read_text(encoding="utf-8")
    chance = random.Random(seed)
    for _ in range(cuts):
        at, length = chance.randrange(len(text) + 1), chance.choice((0, 1, 5, 40))
        text = text[:at] + chance.choice(("", *INJECTIONS)) + text[at + length :]
    survives(READERS[name], text)


ODD_TEXTS = (
    "", "Event", "2026-04-07T19:30Z", "0001-01-01T00:00+14:00", "9999-12-31T23:59-12:00", "P1W", "MO", "//",
    "http://[", "\ud800", "<p>x", "#a", "#b", "&amp;lt;", "51.5",
)  # fmt: skip
PROPERTIES = (
    "@type", "@id", "@graph", "@value", "name", "url", "startDate", "endDate", "location", "address", "geo",
    "latitude", "longitude", "image", "offers", "price", "priceCurrency", "eventSchedule", "byDay", "startTime",
    "repeatFrequency", "byMonthWeek", "subEvent", "eventStatus", "isAccessibleForFree", "streetAddress",
    "addressCountry", "sameAs", "description", "identifier", "telephone",
)  # fmt: skip
ENTRY_KEYS = (
    "id", "title", "url", "start_date", "end_date", "all_day", "venue", "image", "cost", "status", "startDate",
    "endDate", "location", "fullUrl", "excerpt", "assetUrl", "description",
)  # fmt: skip
LINE_NAMES = (
    "DTSTART", "DTEND", "RRULE", "EXDATE", "RDATE", "RECURRENCE-ID", "UID", "SUMMARY", "GEO", "DURATION", "BEGIN",
    "END", "STATUS", "X-WR-TIMEZONE",
)  # fmt: skip
LINE_PARAMETERS = (
    "", ";TZID=Europe/London", ";TZID=UTC", ";VALUE=DATE", ";", ';A="', ";TZID=/x/y/America/Denver",
)  # fmt: skip
LINE_VALUES = (
    "20260407T193000", "20260407T193000Z", "00010101T000000Z", "99991231T235900", "20260407", "FREQ=WEEKLY",
    "FREQ=MONTHLY;BYDAY=5TU", "FREQ=WEEKLY;COUNT=99999999999", "VEVENT", "VCALENDAR", "VALARM", "PT2H",
    "CANCELLED", "1;2", "a",
)  # fmt: skip

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**17), 10**17)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(ODD_TEXTS)
    | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(PROPERTIES),
            inner,
            max_size=6,
        )
    ),
    max_leaves=25,
)
EVENTS = st.dictionaries(
    st.sampled_from(
        ["name", "startDate", "location", "image", "offers", "eventSchedule", "subEvent", "url", "eventStatus", "@id"]
    ),
    VALUES,
    max_size=8,
).map(lambda node: {**node, "@type": "Event"})


@given(st.lists(EVENTS, max_size=4))
@settings(deadline=None)
def test_wrong_types_everywhere_in_json_ld(nodes: list[object]) -> None:
    markup = f'<script type="application/ld+json">{json.dumps(nodes)}</script>'
    survives(READERS["jsonld"], markup)
    survives(READERS["jsonld_places"], markup.replace('"Event"', '"BarOrPub"'))


@given(
    st.lists(
        st.dictionaries(
            st.sampled_from(ENTRY_KEYS),
            VALUES,
        )
        | VALUES,
        max_size=4,
    ),
    VALUES,
)
@settings(deadline=None)
def test_wrong_types_everywhere_in_json_calendars(entries: list[object], other: object) -> None:
    body = {
        "events": entries,
        "upcoming": entries,
        "next_rest_url": other,
        "website": other,
        "pagination": {"nextPageUrl": other},
    }
    survives(READERS["tribe"], json.dumps(body))
    survives(READERS["squarespace"], json.dumps(body))


LINES = st.builds(
    "{}{}:{}".format,
    st.sampled_from(LINE_NAMES),
    st.sampled_from(LINE_PARAMETERS),
    st.sampled_from(LINE_VALUES) | st.text(max_size=10),
)


@given(st.lists(LINES, max_size=25), st.booleans())
@settings(deadline=None)
def test_any_lines_in_a_calendar(lines: list[str], in_event: bool) -> None:
    opening = "BEGIN:VCALENDAR\nBEGIN:VEVENT\n" if in_event else "BEGIN:VCALENDAR\n"
    survives(READERS["calendar"], opening + "\n".join(lines))
    survives(READERS["calendar"], "\n".join(lines))


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize(
    "text",
    [
        pytest.param("x" * 10_000_000, id="one-token"),
        pytest.param("[" * 100_000, id="deep-arrays"),
        pytest.param('{"events":' * 50_000, id="deep-objects"),
        pytest.param('<script type="application/ld+json">' + "[" * 100_000, id="deep-json-ld"),
        pytest.param('<script type="application/ld+json">' + '{"@graph":[' * 60 + "1", id="cut-off-json-ld"),
        pytest.param("<div itemscope>" * 600, id="deep-markup"),
        pytest.param("BEGIN:VCALENDAR\n" + "BEGIN:VEVENT\n" * 50_000, id="deep-components"),
        pytest.param('{"events": [' + "9" * 5000 + '], "items": []}', id="5000-digits"),
        pytest.param("\x00" * 1000, id="nul"),
        pytest.param("\ud800\udfff" * 1000, id="lone-surrogates"),
        pytest.param("", id="empty"),
    ],
)
def test_hostile_bodies(name: str, text: str) -> None:
    survives(READERS[name], text)


def test_thousands_of_dates_of_a_series_do_not_read_its_description_again_and_again() -> None:
    inner = ",".join(['{"@type":"Event","startDate":"2026-04-07T19:30"}'] * 190)
    series = f'{{"@type":"Event","name":"Q","description":"{"x &lt;b&gt;" * 100_000}","subEvent":[{inner}]}}'
    reading = READERS["jsonld"](f'<script type="application/ld+json">{series}</script>')
    assert [fact.description is None for fact in reading.facts].count(False) == 1
