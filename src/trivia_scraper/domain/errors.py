"""The error tree. The first level says what to do next; the second says what happened.

    TriviaScraperError
    ├── TransientError   try again may work
    │   ├── PageUnreachable · RateLimited(retry_after_seconds) · ImageUnreachable · StorageUnavailable
    │   └── StoreBusy(retry_after_seconds) · WorkersUnavailable · ServiceUnreachable
    ├── PermanentError   try again cannot work
    │   ├── PageGone · PageForbidden · PageShapeChanged · ImageRejected · AddressBlocked · RowRejected
    │   └── SetupError · InstanceLocked · StoreFenced · StorageFull · SchemaTooNew
    └── AmbiguousError   it may already have worked, or nobody can tell
        ├── CommitUnknown · ServerFault

Raised at borders and by parsers, always `from` the cause. Caught in three places: `pipeline.attempts`
(decide), the detail and image boundary (turn into an outcome), `cli` (exit code).
"""

from __future__ import annotations

from trivia_scraper.domain.failures import ErrorType, Reason


class TriviaScraperError(Exception):
    """Base of everything this program raises on purpose.

    error_type   the row of the class table (images.md 6)
    reason       the finer cause, from a closed set (safety.md 4), or None
    status_code  the HTTP status that led here, or None
    hint         the next thing to type or look at, or ""
    retry_after_seconds  what the other side asked to wait (Retry-After), clamped to 0 … 86,400, or None
    """

    error_type: ErrorType = ErrorType.UNKNOWN_ERROR
    retry_after_seconds: float | None = None

    def __init__(
        self,
        message: str,
        *,
        error_type: ErrorType | None = None,
        reason: Reason | None = None,
        status_code: int | None = None,
        hint: str = "",
    ) -> None:
        super().__init__(message)
        self.message = message
        if error_type is not None:
            self.error_type = error_type
        self.reason = reason
        self.status_code = status_code
        self.hint = hint
        self.attempts = 1  # set by the retry loop: how many tries this error ended


class TransientError(TriviaScraperError):
    """Trying again may work."""


class PermanentError(TriviaScraperError):
    """Trying again cannot work."""


class AmbiguousError(TriviaScraperError):
    """It may already have worked, or nobody can tell."""


class PageUnreachable(TransientError):
    """A page or feed did not arrive: network, time-out, 502/503/504, or robots.txt unavailable."""

    error_type = ErrorType.NETWORK_ERROR


class ImageUnreachable(TransientError):
    """An image did not arrive, for a reason that may pass."""

    error_type = ErrorType.NETWORK_ERROR


class WorkersUnavailable(TransientError):
    """No worker process can be had: our own trouble, not that of the page or picture, which is due again."""

    error_type = ErrorType.SERVICE_UNAVAILABLE


class RateLimited(TransientError):
    """HTTP 429, or a host that is left alone because it asked for that."""

    error_type = ErrorType.RATE_LIMITED

    def __init__(self, message: str, *, retry_after_seconds: float | None, status_code: int | None = 429) -> None:
        super().__init__(message, status_code=status_code)
        self.retry_after_seconds = retry_after_seconds


class StorageUnavailable(TransientError):
    """The database or the file store cannot be used right now."""

    error_type = ErrorType.STORAGE_ERROR


class StoreBusy(StorageUnavailable):
    """An image store in the network did not answer, or asks to wait: the same request may work in a moment."""

    def __init__(
        self, message: str, *, retry_after_seconds: float | None = None, hint: str = "", reason: Reason | None = None
    ) -> None:
        super().__init__(message, hint=hint, reason=reason)
        self.retry_after_seconds = retry_after_seconds


class ServiceUnreachable(TransientError):
    """A service that the configuration names did not answer, or not completely."""

    error_type = ErrorType.NETWORK_ERROR


class PageGone(PermanentError):
    """HTTP 404 or 410."""

    error_type = ErrorType.NOT_FOUND


class PageForbidden(PermanentError):
    """HTTP 401 or 403, or robots.txt disallows the path."""

    error_type = ErrorType.FORBIDDEN


class PageShapeChanged(PermanentError):
    """A promised fact is not on the page. `looked_for` names it, so that the parser can be mended."""

    error_type = ErrorType.INVALID_RESPONSE

    def __init__(self, message: str, *, looked_for: str, url: str = "", reason: Reason | None = None) -> None:
        super().__init__(message, reason=reason)
        self.looked_for = looked_for
        self.url = url


class ImageRejected(PermanentError):
    """The bytes are no picture we keep. `excerpt` holds the first characters where they are text."""

    error_type = ErrorType.NOT_AN_IMAGE

    def __init__(
        self,
        message: str,
        *,
        reason: Reason,
        error_type: ErrorType | None = None,
        excerpt: str = "",
        status_code: int | None = None,
    ) -> None:
        super().__init__(message, reason=reason, error_type=error_type, status_code=status_code)
        self.excerpt = excerpt


class AddressBlocked(PermanentError):
    """The address may not be contacted (private, local, refused), at whichever hop it turned up."""

    error_type = ErrorType.BLOCKED_ADDRESS


class InvalidUrl(PermanentError):
    """The URL is missing, empty or unusable."""

    error_type = ErrorType.INVALID_URL


class RowRejected(PermanentError):
    """The database refused the row itself: trying again would be refused again."""

    error_type = ErrorType.STORAGE_ERROR


class SetupError(PermanentError):
    """Configuration or usage is wrong: exit 2."""


class CredentialsMissing(PermanentError):
    """A secret is missing or was refused: exit 12."""


class InstanceLocked(PermanentError):
    """Another instance holds the store: exit 11. `holder_role` is its role, "" where unknown."""

    def __init__(self, message: str, *, hint: str = "", holder_role: str = "") -> None:
        super().__init__(message, hint=hint)
        self.holder_role = holder_role


class StoreFenced(InstanceLocked):
    """Another instance took the store over meanwhile: this one may not write any more (safety.md F46)."""


class StorageFull(PermanentError):
    """The image store or its disk cannot be written: exit 13."""

    error_type = ErrorType.STORAGE_ERROR


class DatabaseUnreachable(TransientError):
    """The database cannot be reached at all: exit 10."""

    error_type = ErrorType.STORAGE_ERROR


class SchemaTooNew(PermanentError):
    """The database was written by a newer version of this program: exit 10."""


class CommitUnknown(AmbiguousError):
    """The connection went away during COMMIT: resolved by claiming the same key again."""

    error_type = ErrorType.STORAGE_ERROR


class ServerFault(AmbiguousError):
    """HTTP 500 or a status nobody expected."""

    error_type = ErrorType.SERVER_ERROR
