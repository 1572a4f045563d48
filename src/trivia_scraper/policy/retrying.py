"""When a failed attempt is repeated within a run, and how long it waits (D9)."""

from __future__ import annotations

from trivia_scraper.domain.errors import CommitUnknown, StoreBusy, TransientError, TriviaScraperError
from trivia_scraper.domain.failures import ErrorType, FailureClass
from trivia_scraper.policy.classifying import ErrorClasses

LONGEST_IN_RUN_WAIT_SECONDS = 60.0


def is_worth_repeating(error: BaseException) -> bool:
    """Transient classes, and a commit nobody can vouch for: it is resolved by claiming the key again."""
    return isinstance(error, TransientError | CommitUnknown)


def is_worth_another_download(error: BaseException, classes: ErrorClasses) -> bool:
    """The same for an image: the class table decides, as `[recovery]` may have changed it (D4, D9).

    Our own store's trouble is no entry of the site's: there the tree decides.
    """
    if isinstance(error, TriviaScraperError) and error.error_type is not ErrorType.STORAGE_ERROR:
        return classes.of(error.error_type) is FailureClass.TRANSIENT
    return is_worth_repeating(error)


def is_worth_sending_again(error: BaseException) -> bool:
    """A store in the network may only be busy; a disk that refused is not asked again (F20)."""
    return isinstance(error, StoreBusy)


def wait_seconds(error: BaseException | None, attempt: int, backoff_seconds: float) -> float:
    """Wait after the attempt with this number (from 1): 2, 4, 8 … × base/2, or what the server asked for."""
    if isinstance(error, TriviaScraperError) and error.retry_after_seconds is not None:
        return error.retry_after_seconds
    return backoff_seconds * 2.0 ** (attempt - 1)


def queue_wait_seconds(returns: int) -> float:
    """How long a queued job waits that was given back so often for want of a database: 1, 2, 4 … 60 s."""
    return min(2.0 ** min(returns, 10), LONGEST_IN_RUN_WAIT_SECONDS)
