"""The one table of error classes (images.md 6), used by downloader, ledger, statistics and pages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from trivia_scraper.domain.errors import AmbiguousError, PermanentError, TransientError, TriviaScraperError
from trivia_scraper.domain.failures import ErrorType, FailureClass

CLASS_OF_TYPE: Final[Mapping[ErrorType, FailureClass]] = {
    ErrorType.RATE_LIMITED: FailureClass.TRANSIENT,
    ErrorType.SERVICE_UNAVAILABLE: FailureClass.TRANSIENT,
    ErrorType.GATEWAY_TIMEOUT: FailureClass.TRANSIENT,
    ErrorType.BAD_GATEWAY: FailureClass.TRANSIENT,
    ErrorType.NETWORK_TIMEOUT: FailureClass.TRANSIENT,
    ErrorType.NETWORK_ERROR: FailureClass.TRANSIENT,
    ErrorType.NOT_FOUND: FailureClass.PERMANENT,
    ErrorType.GONE: FailureClass.PERMANENT,
    ErrorType.FORBIDDEN: FailureClass.PERMANENT,
    ErrorType.AUTH_ERROR: FailureClass.PERMANENT,
    ErrorType.FILE_TOO_LARGE: FailureClass.PERMANENT,
    ErrorType.NOT_AN_IMAGE: FailureClass.PERMANENT,
    ErrorType.BLOCKED_ADDRESS: FailureClass.PERMANENT,
    ErrorType.INVALID_URL: FailureClass.PERMANENT,
    ErrorType.SERVER_ERROR: FailureClass.AMBIGUOUS,
    ErrorType.HTTP_ERROR: FailureClass.AMBIGUOUS,
    ErrorType.DOWNLOAD_FAILED: FailureClass.AMBIGUOUS,
    ErrorType.STORAGE_ERROR: FailureClass.AMBIGUOUS,
    ErrorType.INVALID_RESPONSE: FailureClass.AMBIGUOUS,
    ErrorType.UNKNOWN_ERROR: FailureClass.AMBIGUOUS,
}


def classify_error_type(error_type: object) -> FailureClass | None:
    """Class of a stored type; text not listed is ambiguous; anything but text is unknown (None) (R134)."""
    if not isinstance(error_type, str):
        return None
    try:
        return CLASS_OF_TYPE[ErrorType(error_type)]
    except ValueError:
        return FailureClass.AMBIGUOUS


def classify_error(error: BaseException) -> FailureClass:
    """What an error says about trying the same thing again *in this run*: the first level of the tree."""
    if isinstance(error, TransientError):
        return FailureClass.TRANSIENT
    if isinstance(error, PermanentError):
        return FailureClass.PERMANENT
    if isinstance(error, AmbiguousError):
        return FailureClass.AMBIGUOUS
    if isinstance(error, TriviaScraperError):
        return CLASS_OF_TYPE[error.error_type]
    return FailureClass.AMBIGUOUS
