"""The error tree: its first level says what to do next (architecture 6)."""

from __future__ import annotations

import pytest

from trivia_scraper.domain import errors
from trivia_scraper.domain.errors import (
    AmbiguousError,
    ImageRejected,
    PageShapeChanged,
    PermanentError,
    RateLimited,
    TransientError,
    TriviaScraperError,
)
from trivia_scraper.domain.failures import ErrorType, Reason

FIRST_LEVEL = (TransientError, PermanentError, AmbiguousError)
TREE = {
    "PageUnreachable": TransientError,
    "RateLimited": TransientError,
    "ImageUnreachable": TransientError,
    "StorageUnavailable": TransientError,
    "WorkersUnavailable": TransientError,
    "PageGone": PermanentError,
    "PageForbidden": PermanentError,
    "PageShapeChanged": PermanentError,
    "ImageRejected": PermanentError,
    "AddressBlocked": PermanentError,
    "RowRejected": PermanentError,
    "SetupError": PermanentError,
    "CommitUnknown": AmbiguousError,
    "ServerFault": AmbiguousError,
}
RAISED = [
    kind
    for kind in vars(errors).values()
    if isinstance(kind, type) and issubclass(kind, TriviaScraperError) and kind is not TriviaScraperError
]


@pytest.mark.parametrize(("name", "level"), TREE.items(), ids=TREE)
def test_architecture_6_each_error_hangs_under_its_level(name: str, level: type[TriviaScraperError]) -> None:
    assert issubclass(getattr(errors, name), level)


@pytest.mark.parametrize("kind", RAISED, ids=lambda kind: kind.__name__)
def test_architecture_6_no_error_hangs_under_two_levels_or_none(kind: type[TriviaScraperError]) -> None:
    assert sum(issubclass(kind, level) for level in FIRST_LEVEL) == 1


def test_an_error_tells_type_reason_status_and_hint() -> None:
    error = errors.ImageUnreachable(
        "no answer", error_type=ErrorType.BAD_GATEWAY, reason=Reason.RESET, status_code=502, hint="wait"
    )
    told = (error.error_type, error.reason, error.status_code, error.hint, error.message, str(error))
    assert told == (ErrorType.BAD_GATEWAY, Reason.RESET, 502, "wait", "no answer", "no answer")
    assert error.attempts == 1


def test_an_error_type_of_one_error_is_not_that_of_the_next() -> None:
    errors.PageUnreachable("one", error_type=ErrorType.GATEWAY_TIMEOUT)
    assert errors.PageUnreachable("two").error_type is ErrorType.NETWORK_ERROR


def test_rate_limited_keeps_what_the_server_asked_for() -> None:
    error = RateLimited("slow down", retry_after_seconds=17.0)
    assert (error.error_type, error.status_code, error.retry_after_seconds) == (ErrorType.RATE_LIMITED, 429, 17.0)


def test_a_changed_shape_names_what_was_looked_for() -> None:
    error = PageShapeChanged("no stores", looked_for="results.locations", url="https://quiz.example/")
    assert (error.looked_for, error.url) == ("results.locations", "https://quiz.example/")
    assert error.error_type is ErrorType.INVALID_RESPONSE


def test_a_rejected_image_keeps_its_excerpt() -> None:
    error = ImageRejected("a page came", reason=Reason.HTML, excerpt="<!doctype html>", status_code=200)
    assert (error.error_type, error.reason, error.excerpt) == (ErrorType.NOT_AN_IMAGE, Reason.HTML, "<!doctype html>")
