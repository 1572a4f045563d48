"""JSON-LD of pages: every rule of sources.md 11.3 and trap of 11.6.8."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest

from trivia_scraper.domain.models import EventStatus, Frequency
from trivia_scraper.sources.document import Document
from trivia_scraper.sources.structured.facts import StructuredFacts, StructuredReading
from trivia_scraper.sources.structured.jsonld import read_jsonld, read_jsonld_places
from trivia_scraper.sources.structured.opengraph import read_opengraph

URL = "https://quiz.example.org/events/otter"
FIXTURES = Path(__file__).parent / "structured_fixtures"


def page(*blocks: object) -> Document:
    scripts = (block if isinstance(block, str) else json.dumps(block) for block in blocks)
    return Document.parse("".join(f'<script type="application/ld+json">{s}</script>' for s in scripts), url=URL)


def read(*blocks: object, zone: str | None = None) -> StructuredReading:
    return read_jsonld(page(*blocks), URL, zone=zone)


def only(node: dict[str, object]) -> StructuredFacts:
    (facts,) = read({"@type": "Event", "startDate": "2026-04-07T19:30", **node}).facts
    return facts


def event_page() -> Document:
    return Document.parse((FIXTURES / "event_page.html").read_text(encoding="utf-8"), url=URL)


def test_a_page_with_everything_that_may_be_wrong_with_it() -> None:
    reading = read_jsonld(event_page(), URL)
    (facts,) = reading.facts
    assert facts == StructuredFacts(
        name="Otter quiz",
        venue_name="The Otter & Oak",
        address="7 Mill Lane, London, SE1 7PB, GB",
        street="7 Mill Lane",
        locality="London",
        postcode="SE1 7PB",
        country="GB",
        latitude=51.5101,
        longitude=-0.1202,
        phone="020 7946 0100",
        website="https://otter.example.net/",
        description="Six rounds.\nTom & Jo host.",
        image="https://quiz.example.org/pictures/quiz%20night.jpg",
        price="2 GBP",
        weekdays=(2,),
        start_time=dt.time(19, 30),
        end_time=dt.time(21, 30),
        frequency=Frequency.WEEKLY,
    )
    assert facts.repeats


def test_11_3_a_block_that_cannot_be_repaired_is_skipped_and_noted_the_others_are_used() -> None:
    (note,) = read_jsonld(event_page(), URL).notes
    assert note.startswith("JSON-LD block 3 skipped: ")


def test_the_place_of_the_page_in_its_own_right() -> None:
    (place,) = read_jsonld_places(event_page(), URL).facts
    assert (place.name, place.venue_name) == ("The Otter & Oak", "The Otter & Oak")
    assert (place.phone, place.website, place.weekdays) == ("020 7946 0100", "https://otter.example.net/", ())


@pytest.mark.parametrize(
    "wrapped",
    [
        pytest.param(lambda node: [node], id="array"),
        pytest.param(lambda node: {"@graph": [{"@type": "WebPage"}, node]}, id="graph"),
        pytest.param(lambda node: [[{"@graph": [[node]]}]], id="nested-arrays"),
        pytest.param(lambda node: {"@type": "WebPage", "mainEntity": node}, id="main-entity"),
        pytest.param(lambda node: {"@type": "BarOrPub", "event": [node]}, id="a-bar's-event"),
        pytest.param(
            lambda node: {"@type": "ItemList", "itemListElement": [{"@type": "ListItem", "item": node}]}, id="list"
        ),
        pytest.param(lambda node: {**node, "@type": ["Thing", "Event"]}, id="type-list"),
        pytest.param(lambda node: {**node, "@type": "https://schema.org/SocialEvent"}, id="type-as-address"),
        pytest.param(lambda node: {**node, "@type": "schema:ComedyEvent"}, id="type-with-prefix"),
        pytest.param(lambda node: {**node, "@type": "EventSeries"}, id="series"),
    ],
)
def test_11_3_where_events_are_found(wrapped: object) -> None:
    node = {"@type": "Event", "name": "Quiz", "startDate": "2026-04-07T19:30"}
    assert callable(wrapped)
    assert [facts.name for facts in read(wrapped(node)).facts] == ["Quiz"]


@pytest.mark.parametrize(
    "block",
    [
        pytest.param(
            {"@graph": [{"@type": "WebSite"}, {"@type": "Organization", "name": "A"}]}, id="graph-without-event"
        ),
        pytest.param({"@type": "Movie", "superEvent": {"@type": "Event", "name": "B"}}, id="super-event"),
        pytest.param({"@type": 5, "name": ["x"]}, id="wrong-types"),
        pytest.param("null", id="null"),
        pytest.param('"Event"', id="a-string"),
        pytest.param("   ", id="empty-block"),
    ],
)
def test_11_3_no_event_is_found_quietly(block: object) -> None:
    assert read(block) == StructuredReading()


@pytest.mark.parametrize(
    ("location", "venue_name", "address"),
    [
        pytest.param(
            {"@type": "Place", "name": "The Lamp", "address": "1 High St, Leeds"},
            "The Lamp",
            "1 High St, Leeds",
            id="object",
        ),
        pytest.param(
            [{"@type": "VirtualLocation", "url": "https://zoom.example"}, {"@type": "Place", "name": "The Lamp"}],
            "The Lamp",
            None,
            id="list",
        ),
        pytest.param("The Lamp", "The Lamp", None, id="string-name"),
        pytest.param("The Lamp, 1 High St, Leeds", "The Lamp", "1 High St, Leeds", id="string-both"),
        pytest.param("12 Dock Street, Leeds", None, "12 Dock Street, Leeds", id="string-address"),
        pytest.param(
            {"name": "", "address": {"streetAddress": "1 High St"}},
            None,
            "1 High St",
            id="11.6.8-empty-location-name",
        ),
        pytest.param(
            {"name": "The Lamp", "address": [{"streetAddress": "1 High St", "addressRegion": "CO"}]},
            "The Lamp",
            "1 High St, CO",
            id="address-list",
        ),
        pytest.param(
            {"name": "The Lamp", "address": {"streetAddress": "1 High St, Leeds", "addressLocality": "Leeds"}},
            "The Lamp",
            "1 High St, Leeds",
            id="town-said-twice",
        ),
        pytest.param({"name": {"x": 1}, "address": 5}, None, "5", id="wrong-types"),
        pytest.param({"@id": "#nowhere"}, None, None, id="dangling-reference"),
        pytest.param(None, None, None, id="none"),
    ],
)
def test_11_3_location_as_object_list_or_string(
    location: object, venue_name: str | None, address: str | None
) -> None:
    facts = only({"location": location})
    assert (facts.venue_name, facts.address) == (venue_name, address)


@pytest.mark.parametrize(
    ("latitude", "longitude", "expected"),
    [
        pytest.param("53.79", "-1.54", (53.79, -1.54), id="P5-strings"),
        pytest.param(53.79, -1.54, (53.79, -1.54), id="P5-numbers"),
        pytest.param(0, 0, (None, None), id="P5-zero"),
        pytest.param(40.7207559, -74.0007613, (None, None), id="11.6.6-default-pin"),
        pytest.param(953, -1.54, (None, None), id="off-the-globe"),
    ],
)
def test_coordinates(latitude: object, longitude: object, expected: tuple[float | None, float | None]) -> None:
    facts = only({"location": {"geo": {"latitude": latitude, "longitude": longitude}}})
    assert (facts.latitude, facts.longitude) == expected


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        pytest.param("/i/a.jpg", "https://quiz.example.org/i/a.jpg", id="root-relative"),
        pytest.param("https://cdn.example.net/a.jpg", "https://cdn.example.net/a.jpg", id="string"),
        pytest.param(["/i/a.jpg", "/i/b.jpg"], "https://quiz.example.org/i/a.jpg", id="list"),
        pytest.param({"@type": "ImageObject", "url": "/i/a.jpg"}, "https://quiz.example.org/i/a.jpg", id="object"),
        pytest.param([{"contentUrl": "/i/a.jpg"}], "https://quiz.example.org/i/a.jpg", id="list-of-objects"),
        pytest.param("/assets/placeholder.png", None, id="placeholder"),
        pytest.param("data:image/png;base64,AAAA", None, id="data-address"),
        pytest.param(False, None, id="false"),
    ],
)
def test_11_3_image(image: object, expected: str | None) -> None:
    assert only({"image": image}).image == expected


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        pytest.param({"offers": {"price": "2.00", "priceCurrency": "GBP"}}, "2.00 GBP", id="object"),
        pytest.param({"offers": [{"url": "x"}, {"price": 5, "priceCurrency": "USD"}]}, "5 USD", id="list"),
        pytest.param({"offers": {"@type": "AggregateOffer", "lowPrice": "3"}}, "3", id="aggregate"),
        pytest.param({"offers": {"price": "£2", "priceCurrency": "GBP"}}, "£2", id="sign-in-the-price"),
        pytest.param({"offers": {"price": 0, "priceCurrency": "USD"}}, "0 USD", id="zero"),
        pytest.param({"isAccessibleForFree": True}, "Free", id="free"),
        pytest.param({"isAccessibleForFree": "https://schema.org/True"}, "Free", id="free-as-address"),
        pytest.param({"isAccessibleForFree": "false"}, None, id="not-free"),
        pytest.param({"isAccessibleForFree": True, "offers": {"price": "4"}}, "4", id="a-price-wins"),
        pytest.param({"offers": "free"}, None, id="wrong-type"),
    ],
)
def test_11_3_price(stated: dict[str, object], expected: str | None) -> None:
    assert only(stated).price == expected


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("https://schema.org/EventScheduled", None),
        ("https://schema.org/EventCancelled", EventStatus.CANCELLED_ONCE),
        ("EventPostponed", EventStatus.CANCELLED_ONCE),
        ("on-schedule", None),
        (None, None),
    ],
)
def test_11_3_status_of_a_single_date(status: str | None, expected: EventStatus | None) -> None:
    assert only({"eventStatus": status}).status is expected


@pytest.mark.parametrize(
    ("schedule", "weekdays", "start_time", "frequency", "ordinals"),
    [
        pytest.param(
            {"byDay": "https://schema.org/Tuesday", "startTime": "19:30"},
            (2,),
            dt.time(19, 30),
            Frequency.WEEKLY,
            (),
            id="day-as-address",
        ),
        pytest.param(
            {"byDay": ["Monday", "http://schema.org/Thursday"], "startTime": "20:00:00", "repeatFrequency": "P1W"},
            (1, 4),
            dt.time(20),
            Frequency.WEEKLY,
            (),
            id="day-list",
        ),
        pytest.param(
            {"byDay": "Tuesday", "repeatFrequency": "P2W", "startTime": "19:00"},
            (2,),
            dt.time(19),
            Frequency.BIWEEKLY,
            (),
            id="P2W",
        ),
        pytest.param(
            {"byDay": "Tuesday", "repeatFrequency": "P14D", "startTime": "19:00"},
            (2,),
            dt.time(19),
            Frequency.BIWEEKLY,
            (),
            id="P14D",
        ),
        pytest.param(
            {"byDay": "Tuesday", "repeatFrequency": "P1M", "byMonthWeek": [1, 3], "startTime": "19:00"},
            (2,),
            dt.time(19),
            Frequency.MONTHLY,
            (1, 3),
            id="P1M-byMonthWeek",
        ),
        pytest.param(
            {"byDay": "-1FR", "repeatFrequency": "P1M", "startTime": "19:00"},
            (5,),
            dt.time(19),
            Frequency.MONTHLY,
            (-1,),
            id="iCalendar-day",
        ),
        pytest.param(
            {"byDay": "Tuesday", "repeatFrequency": "P3W", "startTime": "19:00"},
            (2,),
            dt.time(19),
            Frequency.IRREGULAR,
            (),
            id="P3W",
        ),
        pytest.param(
            {"byDay": "Tuesday", "repeatFrequency": "every other week", "startTime": "7:30 pm"},
            (2,),
            dt.time(19, 30),
            Frequency.BIWEEKLY,
            (),
            id="words",
        ),
        pytest.param(
            {"repeatFrequency": "P1W", "startTime": "21:00"},
            (2,),
            dt.time(21),
            Frequency.WEEKLY,
            (),
            id="weekday-of-the-first-date",
        ),
        pytest.param(
            {"repeatFrequency": "P1W", "startDate": "2026-04-09"},
            (4,),
            dt.time(19, 30),
            Frequency.WEEKLY,
            (),
            id="schedule's-own-date-event's-time",
        ),
        pytest.param(
            {"repeatFrequency": "P1D", "startTime": "20:00"},
            (1, 2, 3, 4, 5, 6, 7),
            dt.time(20),
            Frequency.WEEKLY,
            (),
            id="daily",
        ),
    ],
)
def test_11_3_event_schedule(
    schedule: dict[str, object],
    weekdays: tuple[int, ...],
    start_time: dt.time,
    frequency: Frequency,
    ordinals: tuple[int, ...],
) -> None:
    facts = only({"@type": "EventSeries", "eventSchedule": {"@type": "Schedule", **schedule}})
    assert (facts.weekdays, facts.start_time, facts.frequency, facts.ordinals) == (
        weekdays,
        start_time,
        frequency,
        ordinals,
    )


@pytest.mark.parametrize(
    "schedule",
    [
        pytest.param({"repeatFrequency": "P1M", "startTime": "19:00"}, id="the-same-day-of-the-month-is-no-weekday"),
        pytest.param({"startTime": "19:00"}, id="nothing-repeats"),
        pytest.param({"repeatFrequency": "P0W", "startTime": "19:00"}, id="every-no-week"),
        pytest.param({"repeatFrequency": "P1Y", "startTime": "19:00"}, id="yearly"),
        pytest.param("weekly", id="no-object"),
    ],
)
def test_a_schedule_without_a_weekday_leaves_the_event_dated(schedule: object) -> None:
    facts = only({"eventSchedule": schedule})
    assert (facts.weekdays, facts.frequency, facts.next_date) == ((), None, dt.date(2026, 4, 7))


def test_a_schedule_without_a_time_is_a_partial_result_T7() -> None:
    (facts,) = read({"@type": "EventSeries", "eventSchedule": {"byDay": "Monday"}}).facts
    assert (facts.weekdays, facts.start_time, facts.repeats) == ((1,), None, False)


def test_two_schedules_are_two_entries() -> None:
    reading = read(
        {
            "@type": "EventSeries",
            "name": "Q",
            "eventSchedule": [{"byDay": "MO", "startTime": "19:00"}, {"byDay": "TH", "startTime": "20:00"}],
        }
    )
    assert [(facts.weekdays, facts.start_time) for facts in reading.facts] == [
        ((1,), dt.time(19)),
        ((4,), dt.time(20)),
    ]


def test_a_cancelled_series_is_paused() -> None:
    facts = only({"eventStatus": "EventCancelled", "eventSchedule": {"byDay": "Monday", "startTime": "19:00"}})
    assert facts.status is EventStatus.PAUSED


def test_11_3_a_single_date_gives_no_weekday() -> None:
    facts = only({"name": "Quiz"})
    assert (facts.weekdays, facts.frequency, facts.start_time) == ((), None, dt.time(19, 30))
    assert not facts.repeats


def test_11_3_three_dates_of_one_name_in_eight_weeks_are_evidence() -> None:
    dates = [
        {"@type": "Event", "name": "Quiz", "startDate": f"2026-04-{day:02}T19:30", "location": "The Lamp"}
        for day in (7, 14, 21)
    ]
    other = {"@type": "Event", "name": "Open mic", "startDate": "2026-04-28T19:30", "location": "The Lamp"}
    series, single = read([*dates, other]).facts
    assert (series.name, series.weekdays, series.frequency, series.occurrences) == ("Quiz", (2,), Frequency.WEEKLY, 3)
    assert (single.name, single.weekdays) == ("Open mic", ())


def test_sub_events_inherit_what_their_series_says_and_are_evidence() -> None:
    dates = [{"@type": "Event", "startDate": f"2026-04-{day:02}T19:30"} for day in (7, 14, 21)]
    series = {
        "@type": "EventSeries",
        "name": "Quiz",
        "location": "The Lamp",
        "startDate": "2026-04-07T19:30",
        "subEvent": dates,
    }
    (facts,) = read(series).facts
    assert (facts.name, facts.venue_name, facts.weekdays, facts.start_time) == (
        "Quiz",
        "The Lamp",
        (2,),
        dt.time(19, 30),
    )


def test_11_6_7_a_date_without_a_time() -> None:
    facts = only({"startDate": "2026-04-07"})
    assert (facts.date_only, facts.start_time, facts.next_date) == (True, None, dt.date(2026, 4, 7))


def test_a_date_that_cannot_be_read_costs_the_date_only() -> None:
    facts = only({"startDate": "2019-9-13T10-10-00-00", "name": "Meeting"})
    assert (facts.name, facts.starts, facts.start_time) == ("Meeting", None, None)


def test_an_address_on_the_own_host_of_the_page_is_not_the_site_of_the_bar() -> None:
    facts = only(
        {
            "location": {
                "name": "The Lamp",
                "url": "https://quiz.example.org/venues/lamp",
                "sameAs": ["https://lamp.example.net"],
            }
        }
    )
    assert facts.website == "https://lamp.example.net"


def test_lone_surrogates_and_nul_do_not_get_through() -> None:
    facts = only({"name": "Quiz\ud800\x00 night", "description": "a\udfffb", "url": "https://x.example/\ud800"})
    assert (facts.name, facts.description, facts.url) == ("Quiz\ufffd night", "a\ufffdb", None)


def test_opengraph_gives_no_time() -> None:
    (facts,) = read_opengraph(event_page(), URL).facts
    assert facts == StructuredFacts(
        name="Quiz at the Otter & Oak", image="https://quiz.example.org/pictures/otter.jpg"
    )
    assert read_opengraph(Document.parse("<p>nothing</p>", url=URL), URL).facts == ()
