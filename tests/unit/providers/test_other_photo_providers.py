"""Foursquare, HERE and Unsplash: requests, listings, refusals, attribution (images.md 5.7; R82, R83, R106, R131)."""

from __future__ import annotations

from typing import Any

import pytest

from support.photo_answers import KEY, PUB, account, answered, page_of, parameters, read, refused
from trivia_scraper.domain.failures import ErrorType
from trivia_scraper.domain.photo_provider import ListedPhoto, PhotoSubject
from trivia_scraper.domain.redaction import SECRET_HEADERS, redact_text
from trivia_scraper.providers.registry import PHOTO_PROVIDERS
from trivia_scraper.providers.unsplash import MOST_PAGES

FOURSQUARE, HERE, UNSPLASH = (PHOTO_PROVIDERS[slug] for slug in ("foursquare", "here", "unsplash"))
FSQ_PHOTO = {"id": "5f1", "prefix": "https://fastly.4sqi.net/img/general/", "suffix": "/7_a.jpg", "width": 1920,
             "height": 1440, "created_at": "2025-01-01T00:00:00Z"}  # fmt: skip
UNSPLASH_PHOTO: dict[str, Any] = {
    "id": "Dwu85P9SOIk",
    "width": 5000,
    "height": 3333,
    "urls": {
        "regular": "https://images.unsplash.com/photo-1?w=1080&client_id=s3cr3t",
        "small": "https://images.unsplash.com/photo-1?w=400",
    },
    "links": {"download_location": "https://api.unsplash.com/photos/Dwu85P9SOIk/download?ixid=1"},
    "user": {"name": "Żaneta Wójcik", "username": "zaneta", "links": {"html": "https://unsplash.com/@zaneta"}},
}


def test_the_registry_knows_the_four_providers() -> None:
    assert list(PHOTO_PROVIDERS) == ["google_places", "foursquare", "here", "unsplash"]
    assert [PHOTO_PROVIDERS[slug].needs_id for slug in PHOTO_PROVIDERS] == [True, True, True, False]
    assert all(slug == provider.slug for slug, provider in PHOTO_PROVIDERS.items())


# --- foursquare ----------------------------------------------------------------------------------------------------


def test_5_7_the_request_to_foursquare() -> None:
    request = FOURSQUARE.listing_request(PUB, account("foursquare"))
    assert request.url == "https://places-api.foursquare.com/places/ChIJ-pub_1/photos?limit=10&sort=POPULAR"
    assert request.headers["Authorization"] == f"Bearer {KEY}"
    assert request.headers["X-Places-Api-Version"] == "2025-06-17"


def test_photos_of_foursquare() -> None:
    renamed = {**FSQ_PHOTO, "id": None, "fsq_photo_id": "5f2", "suffix": "/8_b.jpg"}
    nameless = {**FSQ_PHOTO, "id": 3, "suffix": "/9.jpg", "width": "800", "height": -1}
    bad: list[object] = [None, {"prefix": "ftp://x/", "suffix": "/a"}, {"prefix": "https://x/"}, {}]
    photos = answered(read("foursquare", [FSQ_PHOTO, renamed, nameless, *bad])).photos
    assert photos[0] == ListedPhoto("5f1", "https://fastly.4sqi.net/img/general/original/7_a.jpg", 1920, 1440)
    assert [each.photo_id for each in photos] == ["5f1", "5f2", None]
    assert (photos[2].width, photos[2].height) == (800, None)


# --- here ----------------------------------------------------------------------------------------------------------


def test_5_7_the_request_to_here_has_the_key_in_its_query() -> None:
    subject = PhotoSubject("here:pds:place:826&apiKey=x", "The Crown", "Leeds", "GB")
    request = HERE.listing_request(subject, account("here"))
    assert request.url.startswith("https://lookup.search.hereapi.com/v1/lookup?")
    assert parameters(request.url) == {"id": "here:pds:place:826&apiKey=x", "apiKey": KEY}
    assert "s3cr3t" not in redact_text(request.url)


def test_photos_of_here_have_no_id() -> None:
    images = [{"url": "https://img.example/1.jpg", "width": 800, "height": 600}, {"src": "https://img.example/2.jpg"}]
    assert answered(read("here", {"id": "x", "images": images})).photos == (
        ListedPhoto(None, "https://img.example/1.jpg", 800, 600),
        ListedPhoto(None, "https://img.example/2.jpg", None, None),
    )


def test_r82_a_listed_address_that_shows_the_key_is_left_out() -> None:
    key = "c4n4ryk3y"
    images = [{"url": f"https://img.example/{key}/1.jpg"}, {"url": f"https://img.example/2.jpg?apikey={key}&a=1"}]
    photos = answered(read("here", {"images": images}, key=key)).photos
    assert [each.url for each in photos] == ["https://img.example/2.jpg?a=1"]


# --- unsplash ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("city", "query"), [("Leeds", "The Crown, Leeds"), (None, "The Crown"), (" ", "The Crown")])
def test_5_7_the_request_to_unsplash(city: str | None, query: str) -> None:
    request = UNSPLASH.listing_request(PhotoSubject("", "The Crown", city, "GB"), account("unsplash"))
    assert request.url.startswith("https://api.unsplash.com/search/photos?")
    assert parameters(request.url) == {"query": query, "per_page": "5", "orientation": "landscape"}
    assert request.headers["Authorization"] == f"Client-ID {KEY}"


def test_r82_r83_a_photo_of_unsplash_with_its_credit() -> None:
    body = {"total": 1, "total_pages": 1, "results": [UNSPLASH_PHOTO]}
    answer = answered(read("unsplash", body))
    assert answer.following is None
    assert answer.photos == (
        ListedPhoto(
            photo_id="Dwu85P9SOIk",
            url="https://images.unsplash.com/photo-1?w=1080",
            width=5000,
            height=3333,
            attribution="Photo by Żaneta Wójcik on Unsplash",
            attribution_url="https://unsplash.com/@zaneta?utm_source=trivia_scraper&utm_medium=referral",
            notice_url="https://api.unsplash.com/photos/Dwu85P9SOIk/download?ixid=1",
        ),
    )


@pytest.mark.parametrize("user", [None, {}, {"name": " "}, {"name": 7, "links": {"html": "javascript:alert(1)"}}])
def test_r83_unsplash_is_named_where_the_photographer_is_not(user: object) -> None:
    (photo,) = answered(read("unsplash", {"results": [{**UNSPLASH_PHOTO, "user": user}]})).photos
    assert photo.attribution == "Photo on Unsplash"
    assert photo.attribution_url == "https://unsplash.com/?utm_source=trivia_scraper&utm_medium=referral"


def test_unsplash_small_picture_where_there_is_no_regular_one() -> None:
    urls = {"regular": "data:image/png;base64,x", "small": "https://images.unsplash.com/photo-1?w=400"}
    (photo,) = answered(read("unsplash", {"results": [{**UNSPLASH_PHOTO, "urls": urls}]})).photos
    assert photo.url == urls["small"]


def test_unsplash_goes_on_for_two_pages() -> None:
    body = {"total": 4000, "total_pages": 800, "results": [UNSPLASH_PHOTO]}
    asked = account("unsplash")
    request = UNSPLASH.listing_request(PUB, asked)
    pages = [request]
    while (following := answered(UNSPLASH.read_listing(page_of(pages[-1], body), PUB, asked)).following) is not None:
        pages.append(following)
    assert len(pages) == MOST_PAGES
    assert parameters(pages[1].url) == {**parameters(request.url), "page": "2"}
    assert pages[1].headers == request.headers


@pytest.mark.parametrize("pages", [None, "800", [], 1, 0, -3])
def test_unsplash_ends_where_the_pages_end(pages: object) -> None:
    assert answered(read("unsplash", {"total_pages": pages, "results": [UNSPLASH_PHOTO]})).following is None
    assert answered(read("unsplash", {"total_pages": 800, "results": []})).following is None


def test_5_7_unsplash_is_told_of_a_photos_use_at_its_own_address_only() -> None:
    asked = account("unsplash", base_url="http://127.0.0.1:9/u")
    for url in ("https://api.unsplash.com/photos/a/download?ixid=1", "http://127.0.0.1:9/u/photos/a/download"):
        notice = UNSPLASH.notice_request(url, asked)
        assert notice is not None
        assert (notice.url, notice.headers["Authorization"]) == (url, f"Client-ID {KEY}")
    for url in ("https://evil.example/photos/a/download", "http://127.0.0.1:9/other", "nonsense"):
        assert UNSPLASH.notice_request(url, asked) is None
    assert FOURSQUARE.notice_request("https://places-api.foursquare.com/x", account("foursquare")) is None
    assert HERE.notice_request("https://lookup.search.hereapi.com/x", account("here")) is None


# --- all of them ---------------------------------------------------------------------------------------------------

REFUSALS = {
    "foursquare": {"message": f"the provider says no, {KEY}"},
    "here": {"title": f"the provider says no, {KEY}", "status": 1},
    "unsplash": {"errors": ["the provider says", f"no, {KEY}"]},
}


@pytest.mark.parametrize("slug", REFUSALS)
@pytest.mark.parametrize(
    ("status", "expected"),
    [
        pytest.param(400, "http_error", id="R131-400"),
        pytest.param(401, "auth_error", id="R131-401"),
        pytest.param(403, "forbidden", id="R131-403"),
        pytest.param(410, "gone", id="R131-410"),
        pytest.param(429, "rate_limited", id="R131-429"),
        pytest.param(500, "server_error", id="R131-500"),
        pytest.param(502, "bad_gateway", id="R131-502"),
        pytest.param(503, "service_unavailable", id="R131-503"),
        pytest.param(504, "gateway_timeout", id="R131-504"),
        pytest.param(418, "http_error", id="R131-418"),
    ],
)
def test_r106_r131_a_status_in_the_providers_words(slug: str, status: int, expected: str) -> None:
    refusal = refused(read(slug, REFUSALS[slug], status, retry_after=7.0))
    assert (refusal.error_type, refusal.status_code) == (expected, status)
    assert refusal.retry_after_seconds == 7.0
    assert slug in refusal.message
    assert "the provider says no" in refusal.message
    assert "s3cr3t" not in refusal.message
    assert refused(read(slug, "<html>", status)).error_type == expected


@pytest.mark.parametrize(
    ("slug", "status", "body"),
    [
        ("foursquare", 200, []),
        ("foursquare", 404, {"message": "Place not found."}),
        ("here", 200, {"id": "x", "title": "A Pub"}),
        ("here", 200, {"images": []}),
        ("here", 404, {"title": "Not found"}),
        ("unsplash", 200, {"total": 0, "total_pages": 0, "results": []}),
    ],
)
def test_r105_explicitly_no_photos(slug: str, status: int, body: object) -> None:
    assert answered(read(slug, body, status)).photos == ()


@pytest.mark.parametrize("slug", REFUSALS)
@pytest.mark.parametrize(
    "body", ["", "<html>", "7", '"x"', "null", '{"results": {}}', '{"error": 1}', "[1, [2]]", "{"]
)
def test_r130_an_answer_of_another_shape(slug: str, body: str) -> None:
    assert refused(read(slug, body)).error_type is ErrorType.INVALID_RESPONSE


@pytest.mark.parametrize(
    ("slug", "url", "is_own"),
    [
        ("foursquare", "https://fastly.4sqi.net/img/general/original/1.jpg", True),
        ("foursquare", "http://127.0.0.1:9/photo-cdn/1.jpg", True),
        ("foursquare", "https://4sqi.net.evil.example/1.jpg", False),
        ("foursquare", "nonsense", False),
        ("unsplash", "https://images.unsplash.com/photo-1?w=1080", True),
        ("here", "https://img.example/1.jpg", False),
    ],
)
def test_r82_photos_of_files_need_no_key(slug: str, url: str, is_own: bool) -> None:
    request = PHOTO_PROVIDERS[slug].photo_request(url, account(slug, base_url="http://127.0.0.1:9/photo-api/x"))
    assert (request.url, dict(request.headers), request.is_service) == (url, {}, is_own)


@pytest.mark.parametrize("slug", PHOTO_PROVIDERS)
def test_r82_headers_with_a_key_stay_at_their_origin_and_are_not_shown(slug: str) -> None:
    request = PHOTO_PROVIDERS[slug].listing_request(PUB, account(slug))
    with_key = {name.lower() for name, value in request.headers.items() if KEY in value}
    assert with_key <= SECRET_HEADERS
    assert "s3cr3t" not in redact_text(repr(request))
    without = PHOTO_PROVIDERS[slug].listing_request(PUB, account(slug, key=""))
    assert "Authorization" not in without.headers
    assert "apiKey" not in without.url
