"""HTTP status → error, for pages and for images (images.md 6, sources.md N4)."""

from __future__ import annotations

import pytest

from trivia_scraper.domain.errors import (
    ImageUnreachable,
    PageForbidden,
    PageGone,
    PageUnreachable,
    PermanentError,
    RateLimited,
    ServerFault,
    TriviaScraperError,
)
from trivia_scraper.domain.failures import ErrorType
from trivia_scraper.policy.statuses import error_type_of, has_body, image_failure, page_failure

TABLE: list[tuple[int, ErrorType, type[TriviaScraperError], type[TriviaScraperError]]] = [
    (204, ErrorType.HTTP_ERROR, ServerFault, ServerFault),
    (206, ErrorType.HTTP_ERROR, ServerFault, ServerFault),
    (304, ErrorType.HTTP_ERROR, ServerFault, ServerFault),
    (400, ErrorType.HTTP_ERROR, ServerFault, ServerFault),
    (401, ErrorType.AUTH_ERROR, PageForbidden, PermanentError),
    (403, ErrorType.FORBIDDEN, PageForbidden, PermanentError),
    (404, ErrorType.NOT_FOUND, PageGone, PermanentError),
    (408, ErrorType.HTTP_ERROR, ServerFault, ServerFault),
    (410, ErrorType.GONE, PageGone, PermanentError),
    (413, ErrorType.FILE_TOO_LARGE, PermanentError, PermanentError),
    (418, ErrorType.HTTP_ERROR, ServerFault, ServerFault),
    (429, ErrorType.RATE_LIMITED, RateLimited, RateLimited),
    (500, ErrorType.SERVER_ERROR, PageUnreachable, ServerFault),
    (501, ErrorType.HTTP_ERROR, PageUnreachable, ServerFault),
    (502, ErrorType.BAD_GATEWAY, PageUnreachable, ImageUnreachable),
    (503, ErrorType.SERVICE_UNAVAILABLE, PageUnreachable, ImageUnreachable),
    (504, ErrorType.GATEWAY_TIMEOUT, PageUnreachable, ImageUnreachable),
    (522, ErrorType.HTTP_ERROR, PageUnreachable, ServerFault),
    (999, ErrorType.HTTP_ERROR, ServerFault, ServerFault),
]


@pytest.mark.parametrize(("status", "error_type", "page", "image"), TABLE, ids=[str(row[0]) for row in TABLE])
def test_what_a_status_means(
    status: int, error_type: ErrorType, page: type[TriviaScraperError], image: type[TriviaScraperError]
) -> None:
    """R130, R131."""
    for failure, expected in ((page_failure(status), page), (image_failure(status), image)):
        assert type(failure) is expected
        assert failure.error_type is error_type
        assert failure.status_code == status
    assert error_type_of(status) is error_type


@pytest.mark.parametrize("judge", [page_failure, image_failure])
def test_429_carries_what_the_server_asked_for(judge: type) -> None:
    failure = judge(429, retry_after_seconds=17.0)
    assert isinstance(failure, RateLimited)
    assert failure.retry_after_seconds == 17.0


@pytest.mark.parametrize("status", [502, 503, 504])
def test_r188_an_unwell_host_may_ask_for_a_wait_too(status: int) -> None:
    assert image_failure(status, retry_after_seconds=17.0).retry_after_seconds == 17.0
    assert image_failure(status).retry_after_seconds is None


@pytest.mark.parametrize(
    ("status", "expected"),
    [(100, False), (200, True), (203, True), (204, False), (205, False), (206, False), (226, True), (300, False)],
)
def test_which_answers_promise_a_whole_body(status: int, expected: bool) -> None:
    assert has_body(status) is expected
