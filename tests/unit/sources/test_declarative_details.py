"""The detail stage and the place of a venue (sources.md 11.3, P2–P6)."""

from __future__ import annotations

import datetime as dt
import json

import pytest

from trivia_scraper.domain.errors import PageShapeChanged
from trivia_scraper.domain.models import EventStatus, Frequency, ImageRole, OwnerKind
from trivia_scraper.sources.declarative.trial import try_detail
from unit.sources.declarative_cases import answer, described, detail, listings

GB = '[defaults]\ncountry = "GB"\n'
HTML = '[index]\nkind = "html"\nurl = "https://quiz.example/list"\nitem = "li"\n'
JSON = '[index]\nkind = "json"\nurl = "https://quiz.example/list.json"\n'


STAGES = (
    GB
    + HTML
    + '[index.fields]\nname = "b"\nurl = "a@href"\nschedule = "i"\n[detail]\n{rules}\n'
    + '[detail.fields]\naddress = ".addr"\nhost = ".host"\nhost_image = ".hostpic@src"\n'
)
ITEM = '<li><a href="/heron">x</a><b>Heron</b><i>{schedule}</i></li>'
JSONLD = {
    "@type": "BarOrPub",
    "name": "The Heron Arms",
    "telephone": "01582 496000",
    "address": {"streetAddress": "9 Other St", "addressLocality": "Luton", "postalCode": "LU1 1AA"},
    "geo": {"latitude": 51.88, "longitude": -0.42},
}
SERIES = {
    "@type": "EventSeries",
    "name": "Heron Quiz",
    "location": {"@type": "Place", "name": "The Heron Arms"},
    "eventSchedule": {
        "@type": "Schedule",
        "byDay": "https://schema.org/Wednesday",
        "startTime": "20:00",
        "repeatFrequency": "P1W",
    },
    "offers": {"price": "2.00", "priceCurrency": "GBP"},
}
DATED = {"@type": "Event", "name": "Quiz special", "startDate": "2026-03-14T20:00", "location": "Heron"}


def page_of(*blocks: object, body: str = "") -> str:
    scripts = "".join(f'<script type="application/ld+json">{json.dumps(block)}</script>' for block in blocks)
    og = '<meta property="og:description" content="Og text"><meta property="og:image" content="/og.jpg">'
    return f"<html><head>{og}{scripts}</head><body>{body}</body></html>"


def staged(page: str, rules: str = "", schedule: str = "") -> tuple[dict[str, tuple[str, str]], object]:
    source = described(STAGES.format(rules=rules))
    (listing,) = listings(source, ITEM.format(schedule=schedule))
    trial = try_detail(source, listing, answer(source.detail_request(listing), page))  # type: ignore[arg-type]
    return {field.name: (field.value, field.origin) for field in trial.fields if field.value}, trial


def test_11_3_own_selectors_then_index_then_json_ld_then_microdata_then_opengraph_then_defaults() -> None:
    facts, _ = staged(page_of(JSONLD, body='<p class="addr">1 Sample St, Luton</p>'), schedule="Mondays 8pm")
    assert facts["address"] == ("1 Sample St, Luton", ".addr")
    assert facts["name"] == ("Heron", "index")
    assert facts["phone"] == ("01582 496000", "jsonld")
    assert facts["postcode"] == ("LU1 1AA", "jsonld")
    assert facts["image"] == ("https://quiz.example/og.jpg", "opengraph")


def test_11_3_each_fallback_can_be_switched_off() -> None:
    facts, _ = staged(page_of(JSONLD), rules='fallbacks = ["opengraph"]', schedule="Mondays 8pm")
    assert "phone" not in facts
    assert "image" in facts
    none, _ = staged(page_of(JSONLD), rules="fallbacks = []", schedule="Mondays 8pm")
    assert "image" not in none


def test_11_3_a_series_gives_the_evening_where_no_text_does() -> None:
    _, trial = staged(page_of(JSONLD, SERIES))
    (event,) = trial.detail.events  # type: ignore[attr-defined]
    assert (event.weekday, event.start_time, event.frequency, event.fee_minor) == (
        3,
        dt.time(20),
        Frequency.WEEKLY,
        200,
    )
    assert event.title == "Heron Quiz"


def test_11_3_texts_win_and_half_a_text_is_completed_by_the_series_of_its_day() -> None:
    _, own = staged(page_of(SERIES, JSONLD), schedule="Mondays 9pm")
    assert [(one.weekday, one.start_time) for one in own.detail.events] == [(1, dt.time(21))]  # type: ignore[attr-defined]
    _, half = staged(page_of(SERIES, JSONLD), schedule="Wednesdays")
    assert [(one.weekday, one.start_time) for one in half.detail.events] == [(3, dt.time(20))]  # type: ignore[attr-defined]
    _, other_day = staged(page_of(SERIES, JSONLD), schedule="Fridays")
    assert other_day.problem == "schedule with time is not on the page (looked for: schedule with time)"  # type: ignore[attr-defined]


def test_11_3_a_single_dated_event_stays_a_dated_one() -> None:
    _, trial = staged(page_of(JSONLD, DATED))
    (event,) = trial.detail.events  # type: ignore[attr-defined]
    assert (event.weekday, event.frequency, event.next_date) == (6, Frequency.IRREGULAR, dt.date(2026, 3, 14))


def test_events_on_the_page_that_are_no_quiz_are_left_out_by_match() -> None:
    concert = {**SERIES, "name": "Jazz night"}
    _, trial = staged(page_of(JSONLD, concert, DATED), rules='match = "quiz"')
    assert [one.title for one in trial.detail.events] == ["Quiz special"]  # type: ignore[attr-defined]
    assert trial.notes == ("jsonld event 'Jazz night' does not match 'quiz'",)  # type: ignore[attr-defined]


def test_11_6_8_a_broken_block_is_noted_and_the_others_used() -> None:
    page = page_of(JSONLD, SERIES).replace("</head>", '<script type="application/ld+json">{"@type": </script></head>')
    _, trial = staged(page)
    assert trial.detail is not None  # type: ignore[attr-defined]
    assert any("JSON-LD block 3" in note for note in trial.notes)  # type: ignore[attr-defined]


def test_status_signs_of_the_detail_page() -> None:
    rules = '[detail.status]\npaused = ".on-break"\nnot_public = { select = ".note", regex = "members" }'
    source = described(STAGES.replace("{rules}\n", "").replace("[detail.fields]", rules + "\n[detail.fields]"))
    (listing,) = listings(source, ITEM.format(schedule="Mondays 8pm"))
    paused = detail(source, listing, page_of(JSONLD, body='<div class="on-break"></div>'))
    members = detail(source, listing, page_of(JSONLD, body='<p class="note">Members only</p>'))
    assert [one.status for one in (*paused.events, *members.events)] == [EventStatus.PAUSED, EventStatus.NOT_PUBLIC]


def test_h3_a_host_picture_without_a_name_stays_with_the_venue() -> None:
    picture = '<img class="hostpic" src="/h.jpg">'
    _, named = staged(page_of(JSONLD, body=f'<p class="host">Hosted by Sam</p>{picture}'), schedule="Mondays 8pm")
    _, nameless = staged(page_of(JSONLD, body=picture), schedule="Mondays 8pm")
    for trial, owner, host in ((named, OwnerKind.PERFORMER, True), (nameless, OwnerKind.VENUE, False)):
        read = trial.detail  # type: ignore[attr-defined]
        assert (read.performer is not None) is host
        assert [one.owner_kind for one in read.images if one.role is ImageRole.PROFILE] == [owner]


PLACE = (
    HTML
    + '[index.fields]\nname = "b"\nschedule = "i"\naddress = "p"\ncountry = "@data-c"\n'
    + 'lat = "@data-lat"\nlng = "@data-lng"\nregion = "@data-r"\nfee = "u"\n'
)


def venue_of(attributes: str = "", address: str = "", defaults: str = "", fee: str = "") -> tuple[object, object]:
    source = described(defaults + PLACE)
    item = f"<li {attributes}><b>Heron</b><i>Mondays 8pm</i><p>{address}</p><u>{fee}</u></li>"
    read = detail(source, listings(source, item)[0])
    return read.venue, read.events[0]


@pytest.mark.parametrize(
    ("attributes", "address", "defaults", "country", "zone", "currency"),
    [
        ('data-lat="51.5" data-lng="-0.1"', "", "", "GB", "Europe/London", "GBP"),
        ('data-lat="53.34" data-lng="-6.26"', "", GB, "IE", "Europe/Dublin", "EUR"),
        ('data-lat="0" data-lng="0"', "", GB, "GB", "Europe/London", "GBP"),
        ('data-c="Ireland"', "", GB, "IE", "Europe/Dublin", "EUR"),
        ('data-c="uk"', "", "", "GB", "Europe/London", "GBP"),
        ("", "1 Sample St, Luton, LU1 1AA", "", "GB", "Europe/London", "GBP"),
        ("", "1 Sample St, Denver, CO 80202", "", "US", "America/Denver", "USD"),
        ('data-r="Texas"', "1 Sample St", '[defaults]\ncountry = "US"\n', "US", "America/Chicago", "USD"),
        ("", "", '[defaults]\ntimezone = "Europe/Warsaw"\n', "PL", "Europe/Warsaw", "PLN"),
        (
            "",
            "",
            '[defaults]\ncountry = "DE"\ncurrency = "EUR"\ntimezone = "Europe/Berlin"\n',
            "DE",
            "Europe/Berlin",
            "EUR",
        ),
    ],
)
def test_p5_p6_country_zone_and_currency(
    attributes: str, address: str, defaults: str, country: str, zone: str, currency: str
) -> None:
    venue, event = venue_of(attributes, address, defaults)
    assert (venue.country, venue.timezone, event.currency) == (country, zone, currency)  # type: ignore[attr-defined]


def test_a_country_that_nothing_tells_is_named_with_what_to_do() -> None:
    with pytest.raises(PageShapeChanged) as raised:
        venue_of()
    assert raised.value.looked_for == "country (or defaults.country)"


@pytest.mark.parametrize(
    ("fee", "minor", "currency"),
    [
        ("£2", 200, "GBP"),
        ("Free", 0, "GBP"),
        ("", None, "GBP"),
        ("3 Euros", None, "GBP"),
        ("Prizes, £50 cash", None, "GBP"),
    ],
)
def test_fees_are_read_with_the_country_and_unknown_is_not_free(fee: str, minor: int | None, currency: str) -> None:
    _, event = venue_of(defaults=GB, fee=fee)
    assert (event.fee_minor, event.currency) == (minor, currency)  # type: ignore[attr-defined]


def test_a_fee_in_the_currency_that_the_description_names_counts() -> None:
    _, event = venue_of(defaults=GB + 'currency = "EUR"\n', fee="3 Euros")
    assert (event.fee_minor, event.currency) == (300, "EUR")  # type: ignore[attr-defined]


def test_p2_the_address_is_kept_as_published_and_its_stated_parts_win() -> None:
    toml = GB + HTML + '[index.fields]\nname = "b"\nschedule = "i"\naddress = "p"\nlocality = "em"\npostcode = "u"\n'
    page = "<li><b>Heron</b><i>Mondays 8pm</i><p>1 Sample St<br>Old Town</p><em>Luton</em><u>lu1 1aa</u></li>"
    venue = detail(described(toml), listings(described(toml), page)[0]).venue
    assert (venue.address, venue.city, venue.postcode) == ("1 Sample St, Old Town", "Luton", "LU1 1AA")
