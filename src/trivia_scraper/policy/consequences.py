"""What the program does next about a failure, in a sentence an operator can act on (O30)."""

from __future__ import annotations

import datetime as dt
from typing import Final

from trivia_scraper.domain.failures import ErrorType, FailureClass
from trivia_scraper.policy.classifying import CLASS_OF_TYPE

RECOVERY_WAITS_SECONDS: Final = (2.0, 4.0, 8.0)
LONGEST_WAIT_SECONDS: Final = 86_400.0


def first_recovery_at(
    now: dt.datetime, error_type: ErrorType, retry_after_seconds: float | None, jitter: float
) -> dt.datetime | None:
    """When a fresh failure is due again (D3): 2 s with up to 10 % jitter, or what the server asked for.

    jitter  0 … 1. At once where our own store refused: the next run takes it up (F18). None for permanent and
    ambiguous failures: nothing makes a venue due for their sake (D4).
    """
    if error_type is ErrorType.STORAGE_ERROR:
        return now
    if CLASS_OF_TYPE[error_type] is not FailureClass.TRANSIENT:
        return None
    wait = RECOVERY_WAITS_SECONDS[0] * (1.0 + 0.1 * jitter) if retry_after_seconds is None else retry_after_seconds
    return now + dt.timedelta(seconds=min(max(wait, 0.0), LONGEST_WAIT_SECONDS))


def next_for_image(failure_class: FailureClass, error_type: ErrorType, *, keeps_old: bool, venue: str) -> str:
    """What happens next to a failed image."""
    if error_type is ErrorType.STORAGE_ERROR:
        return "make room or mend the image store; the next run takes it up again"
    if keeps_old:
        return "the last good image stays; the next run fetches it again"
    if failure_class is FailureClass.TRANSIENT:
        return "the next run fetches it again"
    if failure_class is FailureClass.PERMANENT:
        return "closed until the source names another picture"
    return f"asked again at the next visit, or now: trivia-scraper run --venue {venue} --force-refresh-images"


def next_for_page(failure_class: FailureClass, error_type: ErrorType) -> str:
    """What happens next to a failed listing or index."""
    if error_type is ErrorType.INVALID_RESPONSE:
        return "the page is kept for a fixture; nothing stored was changed"
    if error_type is ErrorType.STORAGE_ERROR:
        return "nothing was stored; the next run visits it again"
    if failure_class is FailureClass.PERMANENT:
        return "what is stored stays; the next run asks again"
    return "what is stored stays; the next run tries again"
