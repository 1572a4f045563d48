"""Records of an older application, one at a time (images.md 3, R81, R84, R222)."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest

from trivia_scraper.domain.failures import ErrorType
from trivia_scraper.domain.importing import ImportedImage, RejectedRecord, RejectReason
from trivia_scraper.domain.models import ImageRole, ImageStatus, OwnerKind
from trivia_scraper.providers.image_records import LINE_LIMIT, read_line, read_record, read_records
from trivia_scraper.providers.record_reading import moment_of

ORIGINAL = "https://maps.googleapis.com/maps/api/place/photo?maxwidth=1600&photo_reference=Aap_x"
COPY = "https://ik.example/venues/the-crown/1.jpg"
NOON = dt.datetime(2025, 11, 3, 12, tzinfo=dt.UTC)


def record(**changes: Any) -> dict[str, Any]:
    """A stored photo, as the older application wrote it."""
    return {
        "venue": "the-crown", "provider": "google_places", "provider_photo_id": "Aap_x", "url": COPY,
        "provider_url": ORIGINAL, "status": "uploaded", "width": 1600, "height": 1200, **changes,
    }  # fmt: skip


def read(**changes: Any) -> ImportedImage:
    image, _ = read_record(record(**changes))
    assert isinstance(image, ImportedImage), image
    return image


def reason(**changes: Any) -> RejectReason:
    rejected, _ = read_record(record(**changes))
    assert isinstance(rejected, RejectedRecord)
    return rejected.reason


@pytest.mark.parametrize(
    ("stated", "status"),
    [
        pytest.param("uploaded", ImageStatus.EXTERNAL, id="its-file-is-not-ours"),
        pytest.param("external", ImageStatus.EXTERNAL, id="external"),
        pytest.param("skipped", ImageStatus.SKIPPED, id="skipped"),
        pytest.param("failed", ImageStatus.FAILED, id="R222-failed-stays-failed"),
        pytest.param("permanently_failed", ImageStatus.PERMANENTLY_FAILED, id="R222-closed-stays-closed"),
        pytest.param(" Failed ", ImageStatus.FAILED, id="case-and-blanks"),
        pytest.param("skipped_dev", ImageStatus.FAILED, id="unknown"),
        pytest.param("pending", ImageStatus.FAILED, id="unknown-pending"),
        pytest.param(None, ImageStatus.FAILED, id="none"),
        pytest.param(True, ImageStatus.FAILED, id="no-text"),
    ],
)
def test_r76_r222_each_status_is_one_of_ours_and_never_guessed_as_good(stated: object, status: ImageStatus) -> None:
    image = read(status=stated)
    assert image.status is status
    assert (image.failure is None) is (status in (ImageStatus.EXTERNAL, ImageStatus.SKIPPED))


def test_an_unknown_status_is_told_in_the_error() -> None:
    failure = read(status="pending").failure
    assert failure is not None
    assert failure.error_type is ErrorType.UNKNOWN_ERROR
    assert failure.error == 'imported with the unknown status "pending"'


def test_r222_a_failure_keeps_its_error_and_counts() -> None:
    image = read(
        status="failed",
        retry_count=2,
        retried_at="2025-11-03T11:00:00Z",
        error_details={
            "error_type": "rate_limited", "error": "HTTP 429", "status_code": 429, "at": "2025-11-03T12:00:00Z",
            "retry_attempt": 2,
        },
    )  # fmt: skip
    failure = image.failure
    assert failure is not None
    assert (image.retry_count, image.retried_at) == (2, NOON - dt.timedelta(hours=1))
    assert (failure.error_type, failure.error, failure.status_code) == (ErrorType.RATE_LIMITED, "HTTP 429", 429)
    assert (failure.at, failure.attempt) == (NOON, 2)


@pytest.mark.parametrize(
    ("details", "error_type", "words"),
    [
        pytest.param({"error_type": "not_found"}, ErrorType.NOT_FOUND, None, id="known"),
        pytest.param({"reason": "too slow"}, ErrorType.UNKNOWN_ERROR, "too slow", id="no-type"),
        pytest.param(
            {"error_type": "imagekit_down", "error": "oops"},
            ErrorType.UNKNOWN_ERROR,
            'oops; imported with the unknown error type "imagekit_down"',
            id="unknown-type",
        ),
        pytest.param({"error_type": 7}, ErrorType.UNKNOWN_ERROR, None, id="type-no-text"),
        pytest.param("boom", ErrorType.UNKNOWN_ERROR, None, id="no-object"),
        pytest.param(None, ErrorType.UNKNOWN_ERROR, None, id="none"),
        pytest.param({"error": "x" * 900}, ErrorType.UNKNOWN_ERROR, "x" * 500, id="long"),
    ],
)
def test_r222_an_unknown_error_type_is_unknown_error(
    details: object, error_type: ErrorType, words: str | None
) -> None:
    failure = read(status="failed", error_details=details).failure
    assert failure is not None
    assert failure.error_type is error_type
    if error_type is not ErrorType.UNKNOWN_ERROR or words:
        assert failure.error == words


def test_r84_a_record_without_a_count_has_none() -> None:
    assert read().retry_count == 0
    assert read(retry_count=None).retry_count == 0


@pytest.mark.parametrize(
    ("urls", "link"),
    [
        pytest.param({"provider_url": None, "url": COPY}, COPY, id="R84-url-alone"),
        pytest.param({"provider_url": ORIGINAL, "url": None}, ORIGINAL, id="provider_url-alone"),
        pytest.param(
            {"provider_url": ORIGINAL, "url": COPY}, COPY, id="a-stored-picture-is-linked-where-its-copy-is"
        ),
        pytest.param({"provider_url": ORIGINAL, "url": "/uploads/1.jpg"}, ORIGINAL, id="a-copy-without-an-address"),
        pytest.param({"provider_url": 17, "url": COPY}, COPY, id="no-text"),
    ],
)
def test_r84_the_address_of_a_stored_picture(urls: dict[str, Any], link: str) -> None:
    assert read(**urls).url == link


def test_r78_r84_the_address_of_a_failed_picture_is_the_original() -> None:
    assert read(status="failed").url == ORIGINAL
    assert read(status="failed", provider_url=None).url == COPY


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        pytest.param({"url": None, "provider_url": None}, RejectReason.NO_URL, id="R81-no-url"),
        pytest.param({"url": ["https://x.example/1"], "provider_url": 7}, RejectReason.NO_URL, id="R81-no-text"),
        pytest.param({"url": "  ", "provider_url": ""}, RejectReason.NO_URL, id="R81-blank"),
        pytest.param({"url": "javascript:alert(1)", "provider_url": None}, RejectReason.BAD_URL, id="R81-script"),
        pytest.param({"url": "/1.jpg", "provider_url": None}, RejectReason.BAD_URL, id="R81-relative"),
        pytest.param({"url": "http://x.example/\x00", "provider_url": None}, RejectReason.BAD_URL, id="R81-nul"),
        pytest.param({"provider": None}, RejectReason.NO_PROVIDER, id="no-provider"),
        pytest.param({"provider": "a:b"}, RejectReason.NO_PROVIDER, id="odd-provider"),
        pytest.param({"role": "banner"}, RejectReason.BAD_ROLE, id="role"),
        pytest.param({"role": "profile"}, RejectReason.BAD_ROLE, id="a-venue-has-no-profile"),
        pytest.param({"role": 1}, RejectReason.BAD_ROLE, id="role-no-text"),
        pytest.param({"retry_count": -1}, RejectReason.BAD_RETRY_COUNT, id="count-negative"),
        pytest.param({"retry_count": "3"}, RejectReason.BAD_RETRY_COUNT, id="count-text"),
        pytest.param({"retry_count": True}, RejectReason.BAD_RETRY_COUNT, id="count-bool"),
        pytest.param({"deleted_at": "2025-01-01T00:00:00Z"}, RejectReason.DELETED, id="deleted"),
        pytest.param({"venue": None}, RejectReason.NO_OWNER, id="no-owner"),
        pytest.param({"venue": None, "name": "The Crown"}, RejectReason.NO_OWNER, id="name-without-city"),
        pytest.param({"venue": None, "venue_id": 17}, RejectReason.NUMBER_ALONE, id="number-alone"),
    ],
)
def test_r81_a_record_that_cannot_be_used_is_rejected_with_a_reason(
    changes: dict[str, Any], why: RejectReason
) -> None:
    assert reason(**changes) is why


@pytest.mark.parametrize(
    ("stated", "told", "role"),
    [
        pytest.param({"venue": "The-Crown"}, "the-crown", ImageRole.GALLERY, id="slug"),
        pytest.param({"venue": "the-crown", "role": "hero"}, "the-crown", ImageRole.HERO, id="hero"),
        pytest.param({"performer": "ann"}, "ann", ImageRole.PROFILE, id="performer"),
        pytest.param({"venue_id": 17, "name": "Crown"}, "Crown (number 17)", ImageRole.GALLERY, id="number"),
        pytest.param({"name": "Crown", "city": "York"}, "Crown, York", ImageRole.GALLERY, id="name-and-city"),
        pytest.param({"venue_name": "Crown", "city": "York"}, "Crown, York", ImageRole.GALLERY, id="venue_name"),
    ],
)
def test_whose_picture_it_is(stated: dict[str, Any], told: str, role: ImageRole) -> None:
    image = read(**{"venue": None, **stated})
    assert (str(image.owner), image.role) == (told, role)
    assert image.owner.kind is (OwnerKind.PERFORMER if "performer" in stated else OwnerKind.VENUE)


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({}, id="id"),
        pytest.param({"provider_photo_id": None, "photo_reference": "Aap_x"}, id="photo_reference"),
        pytest.param({"provider_photo_id": None, "photo_id": "places/P1/photos/Aap_x"}, id="resource-name"),
        pytest.param({"provider_photo_id": None}, id="from-the-address"),
        pytest.param({"provider_photo_id": None, "provider_url": f"{ORIGINAL}&key=AIzaOld"}, id="with-a-key"),
        pytest.param({"status": "failed"}, id="failed"),
    ],
)
def test_r111_one_photo_has_one_identity_however_it_is_written(changes: dict[str, Any]) -> None:
    assert read(**changes).identity == "google_places:id:Aap_x"


def test_a_hero_has_the_identity_that_its_source_gives_it() -> None:
    image = read(
        role="hero", provider="quizmeisters", provider_photo_id=None, provider_url="HTTPS://Q.example/1.jpg#x"
    )
    assert image.identity == "quizmeisters:url:https://q.example/1.jpg"


def test_r82_no_secret_of_an_address_or_a_message_is_kept() -> None:
    image = read(
        url=None,
        provider_url="https://u:c4nary@x.example/p.jpg?key=c4nary&w=1",
        status="failed",
        attribution_url="https://x.example/ann?token=c4nary",
        error_details={"error": "GET https://x.example/p.jpg?api_key=c4nary failed"},
    )
    assert image.url == "https://x.example/p.jpg?w=1"
    assert "c4nary" not in repr(image)


@pytest.mark.parametrize(
    ("stated", "credit"),
    [
        pytest.param({"attribution": "Ann"}, ("Ann", None), id="text"),
        pytest.param(
            {"attribution": "Ann", "attribution_url": "https://a.example/"}, ("Ann", "https://a.example/"), id="both"
        ),
        pytest.param(
            {"attributions": ['<a href="//a.example/x">Ann &amp; Bob</a>']},
            ("Ann & Bob", "https://a.example/x"),
            id="R83-markup",
        ),
        pytest.param(
            {"attributions": [{"displayName": "Ann", "uri": "//a.example/y"}]},
            ("Ann", "https://a.example/y"),
            id="R83-authors",
        ),
        pytest.param({"attributions": {"displayName": "Ann"}}, ("Ann", None), id="author"),
        pytest.param({"attribution_url": "javascript:x"}, (None, None), id="R83-no-script"),
        pytest.param({"attribution": 7}, (None, None), id="no-text"),
    ],
)
def test_r83_attribution_is_text_and_a_link(stated: dict[str, Any], credit: tuple[str | None, str | None]) -> None:
    image = read(**stated)
    assert (image.attribution, image.attribution_url) == credit


@pytest.mark.parametrize(
    ("stated", "score", "version"),
    [
        pytest.param({}, 0.636, "1.0", id="R102-from-its-size"),
        pytest.param({"quality_score": 0.9}, 0.636, "1.0", id="R102-size-beats-a-statement"),
        pytest.param({"width": None, "quality_score": 0.9, "scoring_version": "0.9"}, 0.9, "0.9", id="stated"),
        pytest.param({"width": None, "quality_score": 7}, 0.1, "1.0", id="no-score"),
        pytest.param({"width": 0, "quality_score": None}, 0.1, "1.0", id="R102-nothing"),
    ],
)
def test_r102_the_score(stated: dict[str, Any], score: float, version: str) -> None:
    image = read(**stated)
    assert (image.quality_score, image.scoring_version) == (pytest.approx(score), version)


def test_what_is_not_used_or_cannot_be_read_is_named() -> None:
    _, left_out = read_record(
        record(place_id="x", width="wide", fetched_at="soon", error_details={"error_type": "gone", "trace": "…"})
    )
    assert sorted(left_out) == [
        "error_details.trace", "fetched_at (unreadable)", "place_id", "width (unreadable)",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2025-11-03T12:00:00Z", NOON),
        ("2025-11-03T13:00:00+01:00", NOON),
        ("2025-11-03 12:00:00", NOON),
        ("0001-01-01T00:00:00+14:00", None),
        ("yesterday", None),
        (1762171200, None),
    ],
)
def test_times_are_utc_or_nothing(text: object, moment: dt.datetime | None) -> None:
    assert moment_of(text) == moment


@pytest.mark.parametrize(
    ("line", "why"),
    [
        pytest.param(b'{"a": 1', RejectReason.NOT_JSON, id="cut"),
        pytest.param(b"[" * 100_000, RejectReason.NOT_JSON, id="nested-bomb"),
        pytest.param(b'{"a":' * 100 + b"1" + b"}" * 100, RejectReason.NOT_JSON, id="deep"),
        pytest.param(b'{"retry_count": ' + b"9" * 5_000 + b"}", RejectReason.NOT_JSON, id="huge-number"),
        pytest.param(b'{"width": NaN}', RejectReason.NOT_JSON, id="nan"),
        pytest.param(b'{"venue": "\xff"}', RejectReason.NOT_UTF8, id="utf8"),
        pytest.param(b'{"venue": "a\x00b"}', RejectReason.NUL, id="nul"),
        pytest.param(b'["venue"]', RejectReason.NOT_AN_OBJECT, id="list"),
        pytest.param(b"null", RejectReason.NOT_AN_OBJECT, id="null"),
        pytest.param(b" " * LINE_LIMIT + b"{}", RejectReason.TOO_LONG, id="long"),
    ],
)
def test_a_line_that_is_no_record_is_rejected(line: bytes, why: RejectReason) -> None:
    assert read_line(line) == RejectedRecord(why)


def test_r81_one_bad_line_costs_that_line() -> None:
    good = json.dumps(record()).encode()
    found = list(read_records([good, b"", b"{", b"\xff", b"  ", good]))
    assert [each.line for each in found] == [1, 3, 4, 6]
    assert [isinstance(each.found, ImportedImage) for each in found] == [True, False, False, True]


@pytest.mark.parametrize("text", ["a\x00b", "\ud800", "\x1b[31m", "\u202e", "a\nb"])
def test_no_text_that_postgres_or_a_terminal_could_not_take_comes_through(text: str) -> None:
    """Escaped in JSON, such characters are no fault of the line."""
    image = read(attribution=text, status="failed", error_details={"error": text, "error_type": text})
    assert image.failure is not None
    for kept in (image.attribution or "", image.failure.error or ""):
        assert kept.isprintable()
        kept.encode()
