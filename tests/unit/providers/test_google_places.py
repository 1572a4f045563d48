"""Google Places, both interfaces: requests, listings, refusals, keys (images.md 5.7; R82, R83, R106, R110)."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import pytest

from support.photo_answers import KEY, PUB, account, answered, page_of, parameters, read, refused
from trivia_scraper.domain.failures import ErrorType
from trivia_scraper.domain.photo_provider import ListedPhoto, PhotoSubject
from trivia_scraper.domain.redaction import redact_text
from trivia_scraper.providers.registry import PHOTO_PROVIDERS

GOOGLE = PHOTO_PROVIDERS["google_places"]
NEW, CLASSIC = "https://places.googleapis.com", "https://maps.googleapis.com"
PHOTO = {
    "name": "places/ChIJ-pub_1/photos/AUc7tXX_1",
    "widthPx": 4032,
    "heightPx": 3024,
    "authorAttributions": [
        {"displayName": "Katie <b>Thornbury</b>", "uri": "//maps.google.com/maps/contrib/1", "photoUri": "//x"},
        {"displayName": "Sam O&#39;Neill", "uri": "javascript:alert(1)"},
    ],
}
CLASSIC_PHOTO = {
    "photo_reference": "Aap_uE-1",
    "width": 1200,
    "height": 900,
    "html_attributions": ['<a href="https://maps.google.com/maps/contrib/1?a=1&amp;b=2">Sam O&#39;Neill</a>'],
}


def error(status: int, name: str, message: str, reason: str | None = None) -> dict[str, Any]:
    details = [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": reason}] if reason else []
    return {"error": {"code": status, "message": message, "status": name, "details": details}}


# --- the new interface ---------------------------------------------------------------------------------------------


def test_5_7_the_new_request_has_key_and_field_mask_as_headers() -> None:
    request = GOOGLE.listing_request(PUB, account("google_places"))
    assert request.url == f"{NEW}/v1/places/ChIJ-pub_1"
    assert request.headers["X-Goog-Api-Key"] == KEY
    assert request.headers["X-Goog-FieldMask"] == "photos,types"
    assert (request.is_service, request.deadline_seconds) == (True, 10.0)
    assert {400, 403, 429, 503} <= request.accept_status


def test_5_7_an_id_stays_one_segment_and_another_base_is_asked() -> None:
    subject = PhotoSubject("../a b?key=x", "The Crown", None, "GB")
    request = GOOGLE.listing_request(subject, account("google_places", base_url="http://127.0.0.1:9/g"))
    assert request.url == "http://127.0.0.1:9/g/v1/places/..%2Fa%20b%3Fkey%3Dx"


def test_r82_r83_photos_of_the_new_interface() -> None:
    answer = answered(read("google_places", {"photos": [PHOTO], "types": ["bar", "establishment"]}))
    assert answer.photos == (
        ListedPhoto(
            photo_id="AUc7tXX_1",
            url=f"{NEW}/v1/places/ChIJ-pub_1/photos/AUc7tXX_1/media?maxWidthPx=1600&maxHeightPx=1600",
            width=4032,
            height=3024,
            attribution="Katie <b>Thornbury</b>, Sam O'Neill",
            attribution_url="https://maps.google.com/maps/contrib/1",
        ),
    )
    assert answer.following is None


@pytest.mark.parametrize("body", [{}, {"photos": []}, {"types": ["bar"]}])
def test_r105_no_photos_is_an_empty_answer(body: object) -> None:
    assert answered(read("google_places", body)).photos == ()


def test_r80_a_photo_without_a_usable_name_is_left_out_alone() -> None:
    odd: list[Any] = [
        None, 7, {}, {"name": ["x"]}, {"name": "places/../photos/x"}, {"name": "places/a/photos/.."}, {"name": "a/b"},
        {"name": "places/a/photos/b?key=c"}, {"name": "places/ChIJ/photos/ok", "widthPx": "many", "heightPx": True},
    ]  # fmt: skip
    answer = answered(read("google_places", {"photos": odd}))
    assert [(each.photo_id, each.width, each.height) for each in answer.photos] == [("ok", None, None)]
    refusal = refused(read("google_places", {"photos": odd[:-1]}))
    assert refusal.error_type is ErrorType.INVALID_RESPONSE


@pytest.mark.parametrize("wrong", ["street_address", "premise", "subpremise", "route"])
@pytest.mark.parametrize("api", ["new", "classic"])
def test_r110_the_id_of_an_address_is_refused(wrong: str, api: str) -> None:
    types = ["geocode", wrong]
    new: Any = {"photos": [PHOTO], "types": types}
    body = new if api == "new" else {"status": "OK", "result": {"photos": [CLASSIC_PHOTO], "types": types}}
    refusal = refused(read("google_places", body, api=api))
    assert refusal.error_type is ErrorType.NOT_FOUND
    assert wrong in refusal.message
    assert "business" in refusal.message


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        pytest.param(429, error(429, "RESOURCE_EXHAUSTED", "Quota exceeded"), "rate_limited", id="R131-429"),
        pytest.param(403, error(403, "RESOURCE_EXHAUSTED", "Quota"), "rate_limited", id="R130-quota-status"),
        pytest.param(403, error(403, "PERMISSION_DENIED", "No billing"), "forbidden", id="R131-403"),
        pytest.param(401, error(401, "UNAUTHENTICATED", "Who?"), "auth_error", id="R131-401"),
        pytest.param(
            400, error(400, "INVALID_ARGUMENT", "Bad", "API_KEY_INVALID"), "auth_error", id="R131-wrong-key"
        ),
        pytest.param(400, error(400, "INVALID_ARGUMENT", "Bad field"), "http_error", id="R131-400"),
        pytest.param(404, error(404, "NOT_FOUND", "No longer valid"), "not_found", id="R131-404"),
        pytest.param(500, error(500, "INTERNAL", "Oh"), "server_error", id="R131-500"),
        pytest.param(502, "<html>Bad gateway</html>", "bad_gateway", id="R131-502-html"),
        pytest.param(503, "", "service_unavailable", id="R131-503-empty"),
        pytest.param(504, {}, "gateway_timeout", id="R131-504"),
        pytest.param(200, error(500, "INTERNAL", "Oh"), "invalid_response", id="R130-error-in-a-200"),
        pytest.param(200, "<html>", "invalid_response", id="R130-html"),
        pytest.param(200, '{"photos": [', "invalid_response", id="R130-cut"),
        pytest.param(200, [], "invalid_response", id="R130-a-list"),
        pytest.param(200, {"message": "hello"}, "invalid_response", id="R130-another-object"),
        pytest.param(200, {"photos": {"a": 1}}, "invalid_response", id="R130-photos-no-list"),
        pytest.param(200, "[" * 500, "invalid_response", id="R130-too-deep"),
    ],
)
def test_r131_refusals_of_the_new_interface(status: int, body: object, expected: str) -> None:
    refusal = refused(read("google_places", body, status, api="auto"))
    assert refusal.error_type == expected
    assert refusal.status_code == status
    assert refusal.try_instead is None
    assert not refusal.repeats


def test_r106_r82_the_providers_own_words_are_kept_without_the_key() -> None:
    said = f"API key {KEY} not valid, see https://x.example/?key={KEY}&a=1"
    refusal = refused(read("google_places", error(400, "INVALID_ARGUMENT", said, "API_KEY_INVALID"), 400))
    assert "not valid" in refusal.message
    assert "INVALID_ARGUMENT" in refusal.message
    assert "s3cr3t" not in refusal.message


def test_r131_the_wait_that_was_asked_for_is_kept() -> None:
    refusal = refused(read("google_places", error(429, "RESOURCE_EXHAUSTED", "Quota"), 429, retry_after=30.0))
    assert refusal.retry_after_seconds == 30.0


# --- from the new interface to the classic one ----------------------------------------------------------------------

DISABLED = "Places API (New) has not been used in project 1 before or it is disabled."


@pytest.mark.parametrize(
    ("api", "status", "body", "falls_back"),
    [
        ("auto", 403, error(403, "PERMISSION_DENIED", "x", "SERVICE_DISABLED"), True),
        ("auto", 403, error(403, "PERMISSION_DENIED", "x", "API_KEY_SERVICE_BLOCKED"), True),
        ("auto", 403, error(403, "PERMISSION_DENIED", DISABLED), True),
        ("auto", 403, error(403, "PERMISSION_DENIED", "No billing"), False),
        ("auto", 429, error(429, "RESOURCE_EXHAUSTED", DISABLED, "SERVICE_DISABLED"), False),
        ("auto", 400, error(400, "INVALID_ARGUMENT", "x", "API_KEY_INVALID"), False),
        ("auto", 503, {}, False),
        ("new", 403, error(403, "PERMISSION_DENIED", "x", "SERVICE_DISABLED"), False),
    ],
)
def test_5_7_the_classic_interface_is_asked_only_where_the_new_one_is_off(
    api: str, status: int, body: object, falls_back: bool
) -> None:
    refusal = refused(read("google_places", body, status, api=api))
    assert (refusal.try_instead is not None) is falls_back
    if refusal.try_instead is not None:
        asked = account("google_places", api=api)
        answer = {"status": "OK", "result": {"photos": [CLASSIC_PHOTO]}}
        assert answered(GOOGLE.read_listing(page_of(refusal.try_instead, answer), PUB, asked)).photos


# --- the classic interface -----------------------------------------------------------------------------------------


def test_5_7_the_classic_request_has_the_key_in_its_query() -> None:
    request = GOOGLE.listing_request(PUB, account("google_places", api="classic"))
    assert request.url.startswith(f"{CLASSIC}/maps/api/place/details/json?")
    assert parameters(request.url) == {"place_id": "ChIJ-pub_1", "fields": "photos,type", "key": KEY}
    assert "s3cr3t" not in redact_text(request.url)


def test_r82_r83_photos_of_the_classic_interface() -> None:
    large = {"photo_reference": "R2", "width": 4000, "height": 3000, "html_attributions": []}
    body = {"status": "OK", "result": {"photos": [CLASSIC_PHOTO, large], "types": ["bar"]}}
    first, second = answered(read("google_places", body, api="classic")).photos
    assert first == ListedPhoto(
        photo_id="Aap_uE-1",
        url=f"{CLASSIC}/maps/api/place/photo?maxwidth=1200&photo_reference=Aap_uE-1",
        width=1200,
        height=900,
        attribution="Sam O'Neill",
        attribution_url="https://maps.google.com/maps/contrib/1?a=1&b=2",
    )
    assert parameters(second.url)["maxwidth"] == "1600"
    assert (second.attribution, second.attribution_url) == (None, None)


@pytest.mark.parametrize("body", [{"status": "OK", "result": {}}, {"status": "OK"}, {"status": "ZERO_RESULTS"}])
def test_r105_no_photos_of_the_classic_interface(body: object) -> None:
    assert answered(read("google_places", body, api="classic")).photos == ()


@pytest.mark.parametrize(
    ("status", "expected", "repeats"),
    [
        pytest.param("OVER_QUERY_LIMIT", "rate_limited", False, id="R131-OVER_QUERY_LIMIT"),
        pytest.param("OVER_DAILY_LIMIT", "rate_limited", False, id="R131-OVER_DAILY_LIMIT"),
        pytest.param("RESOURCE_EXHAUSTED", "rate_limited", False, id="R131-RESOURCE_EXHAUSTED"),
        pytest.param("REQUEST_DENIED", "auth_error", True, id="R131-REQUEST_DENIED-repeats"),
        pytest.param("INVALID_REQUEST", "http_error", False, id="R131-INVALID_REQUEST"),
        pytest.param("NOT_FOUND", "not_found", False, id="R131-NOT_FOUND"),
        pytest.param("UNKNOWN_ERROR", "server_error", True, id="R131-UNKNOWN_ERROR"),
        pytest.param("FINE", "invalid_response", False, id="R130-status-nobody-knows"),
        pytest.param(None, "invalid_response", False, id="R130-no-status"),
    ],
)
def test_r131_refusals_inside_a_200(status: str | None, expected: str, repeats: bool) -> None:
    body = {"status": status, "error_message": f"no, not with {KEY}"}
    refusal = refused(read("google_places", body, api="classic"))
    assert (refusal.error_type, refusal.repeats, refusal.status_code) == (expected, repeats, 200)
    assert "s3cr3t" not in refusal.message
    assert refusal.try_instead is None
    if expected != "invalid_response":
        assert "no, not with" in refusal.message


@pytest.mark.parametrize("body", ["<html>", "", "7", "[]", '{"status": "OK", "result": []}', '{"status": ["OK"]}'])
def test_r130_other_answers_of_the_classic_interface(body: str) -> None:
    assert refused(read("google_places", body, api="classic")).error_type is ErrorType.INVALID_RESPONSE


def test_r131_a_status_of_the_classic_interface() -> None:
    assert refused(read("google_places", "", 503, api="classic")).error_type is ErrorType.SERVICE_UNAVAILABLE


# --- a photo's bytes -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("base", ["", "http://127.0.0.1:9/photo-api/g"])
def test_r82_the_key_goes_to_the_new_interface_as_a_header(base: str) -> None:
    asked = account("google_places", base_url=base)
    (photo,) = answered(read("google_places", {"photos": [PHOTO]}, base_url=base)).photos
    request = GOOGLE.photo_request(photo.url, asked)
    assert request.url == photo.url
    assert dict(request.headers) == {"X-Goog-Api-Key": KEY}
    assert request.is_service
    assert "s3cr3t" not in repr(request)


@pytest.mark.parametrize("base", ["", "http://127.0.0.1:9/photo-api/c"])
def test_r82_the_key_goes_to_the_classic_interface_in_the_query(base: str) -> None:
    asked = account("google_places", classic_base_url=base, api="classic")
    body = {"status": "OK", "result": {"photos": [CLASSIC_PHOTO]}}
    (photo,) = answered(read("google_places", body, classic_base_url=base, api="classic")).photos
    assert "key" not in parameters(photo.url)
    request = GOOGLE.photo_request(photo.url, asked)
    assert parameters(request.url) == {"maxwidth": "1200", "photo_reference": "Aap_uE-1", "key": KEY}
    assert not request.headers


@pytest.mark.parametrize(
    "url",
    [
        "https://places.googleapis.com.evil.example/v1/places/a/photos/b/media",
        "http://places.googleapis.com/v1/places/a/photos/b/media",
        "https://places.googleapis.com:444/v1/places/a/photos/b/media",
        "https://u@places.googleapis.com/v1/places/a/photos/b/media",
        "https://places.googleapis.com\\@evil.example/v1/places/a",
        "https://evil.example/maps/api/place/photo?photo_reference=a",
        "https://maps.googleapis.com/maps/api/elsewhere",
        "https://lh3.googleusercontent.com/p/AF1=s1600",
        "http://127.0.0.1:9/other/v1/places/a/photos/b/media",
        "http://127.0.0.1:9/gg/v1/places/a/photos/b/media",
        "nonsense",
        "",
        "http://[",
    ],
)
def test_r82_no_key_for_anybody_else(url: str) -> None:
    request = GOOGLE.photo_request(url, account("google_places", base_url="http://127.0.0.1:9/g"))
    assert request.url == url
    assert not request.headers
    assert not request.is_service


def test_without_a_key_nothing_is_added() -> None:
    url = f"{NEW}/v1/places/a/photos/b/media"
    assert not GOOGLE.photo_request(url, account("google_places", key="")).headers
    classic = f"{CLASSIC}/maps/api/place/photo?photo_reference=a"
    assert GOOGLE.photo_request(classic, account("google_places", key="")).url == classic
    assert "key" not in parameters(GOOGLE.listing_request(PUB, account("google_places", key="", api="classic")).url)
    assert "X-Goog-Api-Key" not in GOOGLE.listing_request(PUB, account("google_places", key="")).headers


def test_google_wants_no_notice() -> None:
    assert GOOGLE.notice_request(f"{NEW}/v1/x", account("google_places")) is None
    assert urlsplit(NEW).scheme == "https"


@pytest.mark.parametrize(
    ("base_url", "classic_base_url", "falls_back"),
    [("", "", True), ("https://proxy.example", "", False), ("https://a.example", "https://b.example", True)],
)
def test_5_7_auto_asks_the_classic_interface_at_a_base_of_its_kind(
    base_url: str, classic_base_url: str, falls_back: bool
) -> None:
    """Who asks through an address of their own is not sent to Google's behind their back."""
    body = error(403, "PERMISSION_DENIED", DISABLED)
    bases = {"base_url": base_url, "classic_base_url": classic_base_url}
    refusal = refused(read("google_places", body, 403, api="auto", **bases))
    assert (refusal.try_instead is not None) is falls_back
