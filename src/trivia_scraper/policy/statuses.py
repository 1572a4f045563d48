"""What an HTTP status means for a page and for an image (images.md 6, sources.md N4). Pure.

The two differ in one point: a page is tried again after any 5xx, an image only after 502, 503 and 504, because
its 500 is ambiguous. So the same status becomes another exception class.
"""

from __future__ import annotations

from typing import Final

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

REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})

_ERROR_TYPES: Final = {
    401: ErrorType.AUTH_ERROR,
    403: ErrorType.FORBIDDEN,
    404: ErrorType.NOT_FOUND,
    410: ErrorType.GONE,
    413: ErrorType.FILE_TOO_LARGE,
    429: ErrorType.RATE_LIMITED,
    500: ErrorType.SERVER_ERROR,
    502: ErrorType.BAD_GATEWAY,
    503: ErrorType.SERVICE_UNAVAILABLE,
    504: ErrorType.GATEWAY_TIMEOUT,
}
_TRANSIENT_TYPES: Final = frozenset({ErrorType.BAD_GATEWAY, ErrorType.SERVICE_UNAVAILABLE, ErrorType.GATEWAY_TIMEOUT})
_PERMANENT_TYPES: Final = frozenset(
    {ErrorType.AUTH_ERROR, ErrorType.FORBIDDEN, ErrorType.NOT_FOUND, ErrorType.GONE, ErrorType.FILE_TOO_LARGE}
)


def has_body(status: int) -> bool:
    """Whether the answer promises the whole thing: 2xx except No Content, Reset Content and Partial Content."""
    return 200 <= status < 300 and status not in (204, 205, 206)


def error_type_of(status: int) -> ErrorType:
    """The row of images.md 6 for a status that is not a success; every status without its own is `http_error`."""
    return _ERROR_TYPES.get(status, ErrorType.HTTP_ERROR)


def page_failure(status: int, *, retry_after_seconds: float | None = None) -> TriviaScraperError:
    """The error of a page that was answered with `status`; every 5xx is worth another try (N4)."""
    kind, message = error_type_of(status), f"the page was answered with HTTP {status}"
    if status == 429:
        return RateLimited(message, retry_after_seconds=retry_after_seconds)
    if status in (404, 410):
        return PageGone(message, error_type=kind, status_code=status)
    if status in (401, 403):
        return PageForbidden(message, error_type=kind, status_code=status)
    if 500 <= status < 600:
        return PageUnreachable(message, error_type=kind, status_code=status)
    if kind in _PERMANENT_TYPES:
        return PermanentError(message, error_type=kind, status_code=status)
    return ServerFault(message, error_type=kind, status_code=status)


def image_failure(status: int, *, retry_after_seconds: float | None = None) -> TriviaScraperError:
    """The error of an image that was answered with `status`: strictly the classes of images.md 6."""
    kind, message = error_type_of(status), f"the image was answered with HTTP {status}"
    if status == 429:
        return RateLimited(message, retry_after_seconds=retry_after_seconds)
    if kind in _PERMANENT_TYPES:
        return PermanentError(message, error_type=kind, status_code=status)
    if kind in _TRANSIENT_TYPES:
        unreachable = ImageUnreachable(message, error_type=kind, status_code=status)
        unreachable.retry_after_seconds = retry_after_seconds
        return unreachable
    return ServerFault(message, error_type=kind, status_code=status)
