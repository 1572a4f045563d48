"""The one table of error classes (images.md 6), used by downloader, ledger, statistics and pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from trivia_scraper.domain.errors import AmbiguousError, PermanentError, TransientError, TriviaScraperError
from trivia_scraper.domain.failures import ErrorType, FailureClass
from trivia_scraper.domain.models import ImageStatus

MOST_RECOVERIES: Final = 3
"""Recovery attempts after which an image is closed (D3)."""

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


@dataclass(frozen=True, slots=True)
class ErrorClasses:
    """The two classes that are lists; what is in neither is ambiguous. The table, as `[recovery]` may change it."""

    transient: frozenset[ErrorType]
    permanent: frozenset[ErrorType]

    def of(self, error_type: ErrorType | str | None) -> FailureClass:
        """The class of a type; text that is not listed, and no type at all, are ambiguous (images.md 6)."""
        if error_type in self.transient:
            return FailureClass.TRANSIENT
        return FailureClass.PERMANENT if error_type in self.permanent else FailureClass.AMBIGUOUS

    def of_image(
        self, status: ImageStatus, retry_count: int, error_type: ErrorType | str | None
    ) -> FailureClass | None:
        """The class of an image; None for one that did not fail. Three attempts and closed rows are permanent."""
        if status is ImageStatus.PERMANENTLY_FAILED:
            return FailureClass.PERMANENT
        if status is not ImageStatus.FAILED:
            return None
        return FailureClass.PERMANENT if retry_count >= MOST_RECOVERIES else self.of(error_type)


def _of_class(wanted: FailureClass) -> frozenset[ErrorType]:
    return frozenset(each for each, its_class in CLASS_OF_TYPE.items() if its_class is wanted)


DEFAULT_CLASSES: Final = ErrorClasses(_of_class(FailureClass.TRANSIENT), _of_class(FailureClass.PERMANENT))


def error_classes(transient: frozenset[ErrorType] | None, permanent: frozenset[ErrorType] | None) -> ErrorClasses:
    """The table with classes replaced (D4). A type that a replaced class takes leaves the other one."""
    kept_transient = transient if transient is not None else DEFAULT_CLASSES.transient - (permanent or frozenset())
    kept_permanent = permanent if permanent is not None else DEFAULT_CLASSES.permanent - (transient or frozenset())
    return ErrorClasses(kept_transient, kept_permanent)


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
