"""When a failed attempt is repeated within a run, and how long it waits (D9)."""

from __future__ import annotations

from trivia_scraper.domain.errors import CommitUnknown, RateLimited, TransientError

LONGEST_IN_RUN_WAIT_SECONDS = 60.0


def is_worth_repeating(error: BaseException) -> bool:
    """Transient classes, and a commit nobody can vouch for: it is resolved by claiming the key again."""
    return isinstance(error, TransientError | CommitUnknown)


def wait_seconds(error: BaseException | None, attempt: int, backoff_seconds: float) -> float:
    """Wait after the attempt with this number (from 1): 2, 4, 8 … × base/2, or what the server asked for."""
    if isinstance(error, RateLimited) and error.retry_after_seconds is not None:
        return error.retry_after_seconds
    return backoff_seconds * 2.0 ** (attempt - 1)
