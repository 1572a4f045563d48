"""The one table of error classes, checked against images.md 6 row by row (R130-R135)."""

from __future__ import annotations

import pytest

from trivia_scraper.domain import errors
from trivia_scraper.domain.failures import ErrorType, FailureClass, Reason
from trivia_scraper.domain.models import ImageStatus
from trivia_scraper.policy.classifying import (
    CLASS_OF_TYPE,
    DEFAULT_CLASSES,
    classify_error,
    classify_error_type,
    error_classes,
)

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


T, P, A = FailureClass.TRANSIENT, FailureClass.PERMANENT, FailureClass.AMBIGUOUS


@pytest.mark.parametrize("error_type", list(ErrorType))
def test_r135_the_default_classes_are_the_table(error_type: ErrorType) -> None:
    assert DEFAULT_CLASSES.of(error_type) is CLASS_OF_TYPE[error_type]


@pytest.mark.parametrize(
    ("status", "retry_count", "error_type", "expected"),
    [
        (ImageStatus.UPLOADED, 0, ErrorType.NOT_FOUND, None),
        (ImageStatus.SKIPPED, 0, None, None),
        (ImageStatus.EXTERNAL, 0, None, None),
        (ImageStatus.FAILED, 0, ErrorType.RATE_LIMITED, T),
        (ImageStatus.FAILED, 2, ErrorType.RATE_LIMITED, T),
        (ImageStatus.FAILED, 3, ErrorType.RATE_LIMITED, P),
        (ImageStatus.FAILED, 0, ErrorType.GONE, P),
        (ImageStatus.FAILED, 0, ErrorType.SERVER_ERROR, A),
        (ImageStatus.FAILED, 3, ErrorType.SERVER_ERROR, P),
        (ImageStatus.FAILED, 0, None, A),
        (ImageStatus.FAILED, 0, "of a newer version", A),
        (ImageStatus.PERMANENTLY_FAILED, 0, ErrorType.RATE_LIMITED, P),
    ],
)
def test_r134_class_of_an_image(status: ImageStatus, retry_count: int, error_type: str, expected: object) -> None:
    assert DEFAULT_CLASSES.of_image(status, retry_count, error_type) is expected


def test_d4_a_list_in_the_settings_replaces_its_class() -> None:
    """A type that a replaced class takes leaves the other one; what is in neither is ambiguous."""
    classes = error_classes(frozenset({ErrorType.SERVER_ERROR, ErrorType.FORBIDDEN}), None)
    assert classes.of(ErrorType.SERVER_ERROR) is T
    assert classes.of(ErrorType.FORBIDDEN) is T
    assert classes.of(ErrorType.RATE_LIMITED) is A
    assert classes.of(ErrorType.NOT_FOUND) is P
    assert error_classes(None, None) == DEFAULT_CLASSES
    assert error_classes(None, frozenset({ErrorType.NETWORK_ERROR})).of(ErrorType.NETWORK_ERROR) is P
