"""From an error to a `Failure`: told once, completely, without secrets."""

from __future__ import annotations

from trivia_scraper.domain.errors import PageForbidden, PageShapeChanged, StorageUnavailable, TriviaScraperError
from trivia_scraper.domain.failures import FailureClass, Reason
from trivia_scraper.domain.log_events import LogEvent
from trivia_scraper.domain.outcomes import Failure
from trivia_scraper.domain.pages import Page
from trivia_scraper.domain.redaction import redact_text, strip_secrets
from trivia_scraper.domain.source import Source
from trivia_scraper.policy.classifying import CLASS_OF_TYPE, ErrorClasses
from trivia_scraper.policy.consequences import next_for_image, next_for_page
from trivia_scraper.ports import Services

LONGEST_MESSAGE = 500


async def keep_unread(source: Source, page: Page, error: PageShapeChanged, services: Services) -> None:
    """Keep a page that could not be read; failing to keep it must not hide why it could not be read."""
    try:
        kept: object = await services.archive.keep(source.slug, page, error.looked_for)
    except StorageUnavailable as refused:
        kept = f"not kept: {refused}"
    services.log.error(LogEvent.PAGE_SHAPE_CHANGED, looked_for=error.looked_for, kept=str(kept))


def is_disallowed(error: TriviaScraperError) -> bool:
    """Whether robots.txt said no: then a source reports *disallowed* and does not fail (N2)."""
    return isinstance(error, PageForbidden) and error.reason is Reason.ROBOTS


def failure_fields(failure: Failure | None) -> dict[str, object]:
    """A failure as fields of a log line."""
    if failure is None:
        return {}
    return {
        "url": failure.url,
        "error_type": failure.error_type,
        "class": failure.failure_class,
        "reason": failure.reason,
        "status_code": failure.status_code,
        "attempts": failure.attempts,
        "error": failure.message,
        "next": failure.next,
    }


def page_failure(error: TriviaScraperError, *, source: str, venue: str | None, url: str, subject: str) -> Failure:
    """A listing or index that failed."""
    failure_class = CLASS_OF_TYPE[error.error_type]
    consequence = next_for_page(failure_class, error.error_type)
    return _failure(error, failure_class, source, venue, url, subject, consequence)


def image_failure(
    error: TriviaScraperError,
    classes: ErrorClasses,
    *,
    source: str,
    venue: str,
    url: str,
    role: str,
    keeps_old: bool,
) -> Failure:
    """An image that failed; `keeps_old` = a good one is still served."""
    failure_class = classes.of(error.error_type)
    consequence = next_for_image(failure_class, error.error_type, keeps_old=keeps_old, venue=venue)
    return _failure(error, failure_class, source, venue, url, f"{role} image", consequence)


def _failure(
    error: TriviaScraperError,
    failure_class: FailureClass,
    source: str,
    venue: str | None,
    url: str,
    subject: str,
    consequence: str,
) -> Failure:
    return Failure(
        source=source,
        venue=venue,
        url=strip_secrets(url),
        error_type=error.error_type,
        failure_class=failure_class,
        reason=error.reason,
        status_code=error.status_code,
        message=redact_text(error.message)[:LONGEST_MESSAGE],
        attempts=error.attempts,
        next=consequence,
        subject=subject,
    )
