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
