"""The one table of error classes, checked against images.md 6 row by row (R130-R135)."""

from __future__ import annotations

import pytest

from trivia_scraper.domain import errors
from trivia_scraper.domain.failures import ErrorType, FailureClass, Reason
from trivia_scraper.policy.classifying import CLASS_OF_TYPE, classify_error, classify_error_type

TRANSIENT, PERMANENT, AMBIGUOUS = FailureClass.TRANSIENT, FailureClass.PERMANENT, FailureClass.AMBIGUOUS
TABLE = {
    "rate_limited": TRANSIENT,
    "service_unavailable": TRANSIENT,
    "gateway_timeout": TRANSIENT,
    "bad_gateway": TRANSIENT,
    "network_timeout": TRANSIENT,
    "network_error": TRANSIENT,
    "not_found": PERMANENT,
    "gone": PERMANENT,
    "forbidden": PERMANENT,
    "auth_error": PERMANENT,
    "file_too_large": PERMANENT,
    "not_an_image": PERMANENT,
    "blocked_address": PERMANENT,
    "invalid_url": PERMANENT,
    "server_error": AMBIGUOUS,
    "http_error": AMBIGUOUS,
    "download_failed": AMBIGUOUS,
    "storage_error": AMBIGUOUS,
    "invalid_response": AMBIGUOUS,
    "unknown_error": AMBIGUOUS,
}


@pytest.mark.parametrize(("error_type", "expected"), TABLE.items(), ids=[f"R132-R133-{name}" for name in TABLE])
def test_class_of_a_type(error_type: str, expected: FailureClass) -> None:
    assert CLASS_OF_TYPE[ErrorType(error_type)] is expected
    assert classify_error_type(error_type) is expected
    assert classify_error_type(ErrorType(error_type)) is expected


def test_r135_the_table_has_every_type_and_no_other() -> None:
    assert {error_type.value for error_type in CLASS_OF_TYPE} == {t.value for t in ErrorType} == set(TABLE)


@pytest.mark.parametrize("stored", ["", "rate limited", "RATE_LIMITED", "invented_error"])
def test_r134_a_text_that_is_not_listed_is_ambiguous(stored: str) -> None:
    assert classify_error_type(stored) is AMBIGUOUS


@pytest.mark.parametrize("stored", [None, 429, True, b"rate_limited", ["rate_limited"]], ids=repr)
def test_r134_what_is_no_text_is_unknown(stored: object) -> None:
    assert classify_error_type(stored) is None


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (errors.PageUnreachable("x"), TRANSIENT),
        (errors.PageUnreachable("x", error_type=ErrorType.SERVER_ERROR), TRANSIENT),
        (errors.ImageUnreachable("x"), TRANSIENT),
        (errors.RateLimited("x", retry_after_seconds=None), TRANSIENT),
        (errors.StorageUnavailable("x"), TRANSIENT),
        (errors.PageGone("x"), PERMANENT),
        (errors.PageForbidden("x"), PERMANENT),
        (errors.PageShapeChanged("x", looked_for="stores"), PERMANENT),
        (errors.ImageRejected("x", reason=Reason.TINY), PERMANENT),
        (errors.AddressBlocked("x"), PERMANENT),
        (errors.RowRejected("x"), PERMANENT),
        (errors.StorageFull("x"), PERMANENT),
        (errors.CommitUnknown("x"), AMBIGUOUS),
        (errors.ServerFault("x"), AMBIGUOUS),
        (errors.TriviaScraperError("x", error_type=ErrorType.BAD_GATEWAY), TRANSIENT),
        (errors.TriviaScraperError("x"), AMBIGUOUS),
        (ConnectionRefusedError(), AMBIGUOUS),
        (KeyError("bug"), AMBIGUOUS),
    ],
    ids=lambda value: f"{type(value).__name__}" if isinstance(value, BaseException) else "",
)
def test_architecture_6_the_first_level_decides(error: BaseException, expected: FailureClass) -> None:
    assert classify_error(error) is expected
