"""Quizmeisters beyond its saved pages: requests, hosts, zones (sources.md 2)."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest

from trivia_scraper.domain.errors import PageShapeChanged
from trivia_scraper.domain.models import Detail, EventStatus, Listing, OwnerKind
from trivia_scraper.domain.pages import Page, PageRequest
from trivia_scraper.domain.source import IndexReading
from trivia_scraper.sources.quizmeisters import Quizmeisters

TODAY = dt.date(2026, 11, 21)
SOURCE = Quizmeisters()
INDEX = "https://storerocket.io/api/user/demo/locations"
EMPTY_PAGE = '<html><body><div class="venue-block"></div></body></html>'


def location(**changes: Any) -> dict[str, Any]:
    return {
        "name": "The Tin Parrot",
        "address": "9 Sample St, Buderim, Queensland, 4556, AU",
        "lat": "-26.684",
        "lng": "153.0573",
        "phone": None,
        "postcode": "4556",
        "url": "https://www.quizmeisters.com/venues/qld-tin-parrot",
        "fields": [{"name": "Trivia", "pivot_field_value": "Wednesdays at 7pm"}],
    } | changes


def read_index(*locations: Any, url: str = INDEX) -> IndexReading:
    text = json.dumps({"success": True, "results": {"locations": locations}})
    return SOURCE.read_index(Page(PageRequest(url), url, 200, text, "application/json", len(text)))


def read_detail(markup: str = EMPTY_PAGE, **changes: Any) -> Detail:
    (listing,) = read_index(location(**changes)).listings
    return SOURCE.read_detail(listing, Page(PageRequest(listing.url), listing.url, 200, markup, "text/html", 1), None)


def test_index_starts_where_the_configuration_says() -> None:
    request = SOURCE.first_request("http://127.0.0.1:8099/locations", TODAY)
    assert (request.url, request.kind) == ("http://127.0.0.1:8099/locations", "index")
    assert request.headers["Accept"] == "application/json"
    assert SOURCE.default_index_url == "https://storerocket.io/api/user/kDJ3BbK4mn/locations"


def test_a_detail_page_is_asked_for_at_the_listing() -> None:
    (listing,) = read_index(location()).listings
    request = SOURCE.detail_request(listing)
    assert (request.url, request.kind) == (listing.url, "detail")


def test_there_is_one_index_page() -> None:
    assert SOURCE.ends_index(PageRequest(INDEX), 404) is False


@pytest.mark.parametrize(
    ("prefix", "zone"),
    [
        ("act", "Australia/Sydney"),
        ("nsw", "Australia/Sydney"),
        ("vic", "Australia/Melbourne"),
        ("tas", "Australia/Hobart"),
        ("qld", "Australia/Brisbane"),
        ("sa", "Australia/Adelaide"),
        ("nt", "Australia/Darwin"),
        ("wa", "Australia/Perth"),
    ],
)
def test_zone_follows_the_state_prefix_of_the_page_path(prefix: str, zone: str) -> None:
    detail = read_detail(url=f"https://www.quizmeisters.com/venues/{prefix}-tin-parrot")
    assert detail.venue.timezone == zone


@pytest.mark.parametrize("success", [False, None, "true", 1], ids=repr)
def test_success_must_be_true(success: object) -> None:
    text = json.dumps({"success": success, "results": {"locations": [location()]}})
    with pytest.raises(PageShapeChanged, match="no success"):
        SOURCE.read_index(Page(PageRequest(INDEX), INDEX, 200, text, "application/json", 1))


@pytest.mark.parametrize("locations", [None, {}, "x", 5], ids=repr)
def test_locations_must_be_a_list(locations: object) -> None:
    text = json.dumps({"success": True, "results": {"locations": locations}})
    with pytest.raises(PageShapeChanged) as caught:
        SOURCE.read_index(Page(PageRequest(INDEX), INDEX, 200, text, "application/json", 1))
    assert caught.value.looked_for == "results.locations"


@pytest.mark.parametrize(
    ("latitude", "longitude"),
    [("91", "10"), ("10", "181"), (0, 0), ("0.0", "0"), (-91.5, 20.0)],
    ids=["lat-91", "lng-181", "null-island", "null-island-text", "lat-below"],
)
def test_h127_impossible_coordinates_are_null_with_an_issue_and_keep_the_venue(
    latitude: object, longitude: object
) -> None:
    detail = read_detail(lat=latitude, lng=longitude)
    assert (detail.venue.latitude, detail.venue.longitude) == (None, None)
    assert "coordinates: no position on land" in detail.issues


def test_darwins_postcode_keeps_its_leading_zero() -> None:
    (listing,) = read_index(location(postcode=800)).listings
    assert listing.postcode == "0800"


def test_responsive_copies_of_the_host_name_are_one_name() -> None:
    host = '<div class="host-info"><div class="host-name">Robin</div><div class="host-name">Robin</div></div>'
    performer = read_detail(EMPTY_PAGE.replace("</body>", f"{host}</body>")).performer
    assert performer is not None
    assert performer.name == "Robin"


def test_h3_no_name_is_invented_from_the_file_name_of_a_picture() -> None:
    host = '<div class="host-info"><img class="host-image" src="https://cdn.example/Robin%20Host.jpg"></div>'
    detail = read_detail(EMPTY_PAGE.replace("</body>", f"{host}</body>"))
    assert detail.performer is None
    assert [image.owner_kind for image in detail.images] == [OwnerKind.VENUE]


def test_bingo_and_survey_descriptions_are_never_used() -> None:
    generic = (
        '<div class="venue-description bingo-generic w-richtext"><p>Eyes down.</p></div>'
        '<div class="venue-description survey-generic w-richtext"><p>Survey says.</p></div>'
    )
    assert read_detail(EMPTY_PAGE.replace("</body>", f"{generic}</body>")).events[0].description is None


def test_status_words_of_the_schedule_reach_the_event() -> None:
    fields = [{"name": "Trivia", "pivot_field_value": "Mondays 7pm - on hold"}]
    assert read_detail(fields=fields).events[0].status is EventStatus.PAUSED


def test_h119_a_name_of_a_megabyte_is_cut_and_noted() -> None:
    detail = read_detail(name="x" * 1_000_000)
    assert len(detail.venue.name) == 200
    assert "name: cut at 200 characters" in detail.issues


def test_h126_a_schedule_of_5000_words_is_rejected() -> None:
    reading = read_index(location(fields=[{"name": "Trivia", "pivot_field_value": "Mondays 7pm " * 2500}]))
    assert [entry.reason for entry in reading.rejected] == ["schedule without weekday and time"]


def test_h118_nul_in_json_text_is_removed() -> None:
    (listing,) = read_index(location(name="The\x00 Tin\x00 Parrot")).listings
    assert listing.name == "The Tin Parrot"


def test_h118_nothing_that_is_stored_holds_a_nul() -> None:
    fields = [{"name": "Trivia", "pivot_field_value": "Mondays\x00 7pm"}]
    assert "\x00" not in repr(read_detail(fields=fields, name="A\x00", address="1 B\x00 St").provenance)


def test_a_page_is_needed() -> None:
    listing = Listing("quizmeisters", "qld-x", "https://www.quizmeisters.com/venues/qld-x", "X")
    with pytest.raises(PageShapeChanged, match="detail page"):
        SOURCE.read_detail(listing, None, None)


# ---------------------------------------------------------------- 2.1: what a record may look like


@pytest.mark.parametrize(
    "number", ["-26.684", -26.684, -27, " -26.684 "], ids=["string", "float", "integer", "blanks"]
)
def test_2_1_coordinates_may_be_strings_floats_or_integers(number: object) -> None:
    (listing,) = read_index(location(lat=number)).listings
    assert listing.latitude == pytest.approx(float(str(number)))


@pytest.mark.parametrize("missing", [None, "", "  ", [], {}, True, ...], ids=repr)
@pytest.mark.parametrize(
    ("field", "reason"),
    [
        ("name", "no name"),
        ("address", "no address"),
        ("lat", "no position"),
        ("lng", "no position"),
        ("url", "no page address"),
        ("fields", "no schedule"),
    ],
)
def test_2_1_each_required_field_missing_blank_or_of_a_wrong_type_rejects_the_record(
    field: str, reason: str, missing: object
) -> None:
    record = location(**{field: missing})
    if missing is ...:
        del record[field]
    reading = read_index(record, location(url="https://www.quizmeisters.com/venues/qld-other"))
    assert [entry.reason for entry in reading.rejected] == [reason]
    assert [listing.key for listing in reading.listings] == ["qld-other"]


@pytest.mark.parametrize("record", [None, "x", 7, [], True], ids=repr)
def test_n7_a_record_that_is_no_object_costs_no_other(record: object) -> None:
    reading = read_index(record, location())
    assert (len(reading.listings), len(reading.rejected)) == (1, 1)


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ([{"name": "Survey Says", "pivot_field_value": "Mondays 8pm"}], "Mondays 8pm"),
        (
            [
                {"name": "Survey Says", "pivot_field_value": "Mondays 8pm"},
                {"name": "Trivia", "pivot_field_value": "Tuesdays 7pm"},
            ],
            "Tuesdays 7pm",
        ),
        (
            [
                {"name": "Trivia", "pivot_field_value": " "},
                {"name": "Survey Says", "pivot_field_value": "Mondays 8pm"},
            ],
            "Mondays 8pm",
        ),
    ],
)
def test_2_1_the_schedule_is_trivias_else_survey_says(fields: list[dict[str, str]], text: str) -> None:
    (listing,) = read_index(location(fields=fields)).listings
    assert listing.schedule_text == text


@pytest.mark.parametrize(
    "fields",
    [
        [{"name": "Bingo", "pivot_field_value": "Mondays 8pm"}],
        [{"name": "Trivia", "value": "Thursday 7:00 PM"}],
        {"trivia_night": "Thursday 7:00 PM"},
    ],
    ids=["other field", "value", "trivia_night"],
)
def test_2_4_no_other_key_is_a_schedule(fields: object) -> None:
    (rejected,) = read_index(location(fields=fields, custom_fields={"trivia_night": "Thursday 7:00 PM"})).rejected
    assert rejected.reason == "no schedule"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Wednesdays", "schedule without time"),
        ("7pm", "schedule without weekday"),
        ("Wednesdays at 25:00", "schedule without time"),
        ("Wednesdays at 13pm", "schedule without time"),
    ],
)
def test_2_3_half_a_schedule_is_rejected_and_never_thursday_7_pm(text: str, reason: str) -> None:
    fields = [{"name": "Trivia", "pivot_field_value": text}]
    (rejected,) = read_index(location(fields=fields)).rejected
    assert rejected.reason == reason


@pytest.mark.parametrize(("text", "start"), [("Sundays at 12pm", dt.time(12)), ("Sundays at 12am", dt.time(0))])
def test_2_3_noon_and_midnight(text: str, start: dt.time) -> None:
    (event,) = read_detail(fields=[{"name": "Trivia", "pivot_field_value": text}]).events
    assert event.start_time == start


@pytest.mark.parametrize(
    "url",
    [
        "http://quizmeisters.com/venues/qld-tin-parrot",
        "https://www.quizmeisters.com.au/venues/qld-tin-parrot/",
        "https://quizmeisters.com.au/venues/QLD-Tin-Parrot?utm_source=x#top",
    ],
)
def test_2_4_one_venue_has_one_key_and_one_host_however_it_is_written(url: str) -> None:
    (listing,) = read_index(location(url=url)).listings
    assert listing.key == "qld-tin-parrot"
    assert listing.url.lower() == "https://www.quizmeisters.com/venues/qld-tin-parrot"


def test_the_list_of_venues_is_no_venues_page() -> None:
    (rejected,) = read_index(location(url="https://www.quizmeisters.com/venues/")).rejected
    assert rejected.reason == "no page address"


def test_entities_of_an_editor_are_no_part_of_a_name() -> None:
    (listing,) = read_index(location(name="Tom &amp; Jo&#8217;s")).listings
    assert listing.name == "Tom & Jo’s"


# ---------------------------------------------------------------- 2.2: the page


@pytest.mark.parametrize(
    ("markup", "status"),
    [
        ('<div class="on-break"></div>', EventStatus.PAUSED),
        ('<section class="banner on-break"><p>Back in May</p></section>', EventStatus.PAUSED),
        ('<div class="on-break w-condition-invisible"></div>', EventStatus.ACTIVE),
        ("", EventStatus.ACTIVE),
    ],
)
def test_2_2_a_break_notice_pauses_the_event(markup: str, status: EventStatus) -> None:
    (event,) = read_detail(f'<div class="venue-block"></div>{markup}').events
    assert event.status is status


@pytest.mark.parametrize(
    ("paragraph", "phone"),
    [
        ("07 5373 5003", "+61 7 5373 5003"),
        ("+61 (7) 5373-5003", "+61 7 5373 5003"),
        ("07&nbsp;5373&nbsp;5003", "+61 7 5373 5003"),
        ("1234567", None),
        ("Call 07 5373 5003", None),
    ],
)
def test_2_2_the_phone_is_the_paragraph_of_nothing_but_a_number(paragraph: str, phone: str | None) -> None:
    markup = (
        f'<div class="venue-block"><p class="paragraph">{paragraph}</p><p class="paragraph">9 Sample St</p></div>'
    )
    assert read_detail(markup).venue.phone == phone


@pytest.mark.parametrize("source", ["/img/placeholder.jpg", "https://cdn.example/thumb/a.jpg", ""])
def test_2_2_placeholders_are_no_hero_and_the_next_photo_counts(source: str) -> None:
    photo = '<img class="venue-photo" src="{}">'
    markup = (
        f'<div class="venue-hero">{photo.format(source)}{photo.format("https://cdn.example/x%20-%20Y.jpg")}</div>'
    )
    assert [image.url for image in read_detail(markup).images] == ["https://cdn.example/x%20-%20Y.jpg"]
    assert read_detail(f'<div class="venue-hero">{photo.format(source)}</div>').images == ()


def test_2_2_links_by_the_words_of_their_icons() -> None:
    icons = "".join(
        f'<a href="{href}"><img alt="{alt}"></a>'
        for href, alt in (
            ("#", "website icon"),
            ("https://parrot.example/", "Website Icon"),
            ("https://www.facebook.com/parrot", "facebook icon"),
            ("https://www.instagram.com/parrot", "icon instagram"),
        )
    )
    venue = read_detail(f'<div class="venue-block"></div><div class="icon-block">{icons}</div>').venue
    assert (venue.website, venue.facebook, venue.instagram) == (
        "https://parrot.example/",
        "https://www.facebook.com/parrot",
        "https://www.instagram.com/parrot",
    )
