"""What the program does next about a failure, in a sentence an operator can act on (O30)."""

from __future__ import annotations

from trivia_scraper.domain.failures import ErrorType, FailureClass


def next_for_image(failure_class: FailureClass, error_type: ErrorType, *, keeps_old: bool, venue: str) -> str:
    """What happens next to a failed image."""
    if error_type is ErrorType.STORAGE_ERROR:
        return "make room or mend the image store; the next run takes it up again"
    if keeps_old:
        return "the last good image stays; the next run fetches it again"
    if failure_class is FailureClass.TRANSIENT:
        return "tried again from its address, by the next run or now: trivia-scraper retry --all-due"
    if failure_class is FailureClass.PERMANENT:
        return "closed until the source names another picture, or a person reopens it: trivia-scraper review list"
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
