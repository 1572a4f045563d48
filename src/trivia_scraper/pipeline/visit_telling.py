"""The lines that tell of one visit: one for the listing, one for each of its pictures, and one in the venue's story.

The two log lines are complete by themselves, so that a question about one listing or picture is one search.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from trivia_scraper.domain.catalog import SavedDetail
from trivia_scraper.domain.errors import TriviaScraperError
from trivia_scraper.domain.failures import ErrorType
from trivia_scraper.domain.log_events import LogEvent
from trivia_scraper.domain.models import Listing
from trivia_scraper.domain.options import RefreshOptions
from trivia_scraper.domain.outcomes import DetailOutcome, Failure
from trivia_scraper.domain.pages import Page
from trivia_scraper.pipeline.attempts import Attempted, attempt_storing
from trivia_scraper.pipeline.failing import failure_fields
from trivia_scraper.pipeline.image import PreparedImage
from trivia_scraper.ports import Services


@dataclass(frozen=True, slots=True)
class FetchedPages:
    """The pages of one listing: its own and a companion, each None where there is none."""

    own: Attempted[Page] | None
    companion: Attempted[Page] | None

    @property
    def bytes_received(self) -> int:
        """Of both together."""
        return sum(page.value.bytes_received for page in (self.own, self.companion) if page is not None)

    @property
    def attempts(self) -> int:
        """Requests, repeated ones too; 0 for a listing that needs no page."""
        return sum(page.attempts for page in (self.own, self.companion) if page is not None)


def tell_finished(
    saved: SavedDetail,
    images: Sequence[PreparedImage],
    pages: FetchedPages,
    started: float,
    options: RefreshOptions,
    services: Services,
) -> None:
    """The one line of a listing that was saved. `started` is monotonic seconds."""
    services.log.info(
        LogEvent.DETAIL_FINISHED,
        outcome=saved.kind,
        changes=list(saved.changes),
        images={kind.value: times for kind, times in Counter(image.outcome.kind for image in images).items()},
        bytes=pages.bytes_received + sum(image.outcome.bytes_received for image in images),
        attempts=pages.attempts,
        duration_ms=milliseconds_since(started, services),
        force_refresh=options.force_refresh_images,
    )


def tell_failed(failure: Failure | None, started: float, options: RefreshOptions, services: Services) -> None:
    """The one line of a listing that was not."""
    services.log.warning(
        LogEvent.DETAIL_FAILED, **failed_fields(started, options, services), **failure_fields(failure)
    )


def failed_fields(started: float, options: RefreshOptions, services: Services) -> dict[str, object]:
    """What the one line of every failed or crashed listing says beside why."""
    return {
        "outcome": "failed",
        "duration_ms": milliseconds_since(started, services),
        "force_refresh": options.force_refresh_images,
    }


def tell_image(image: PreparedImage, options: RefreshOptions, services: Services) -> None:
    """The one line of a picture, whether its site was asked or not."""
    outcome, save, failure = image.outcome, image.save, image.outcome.failure
    services.log.info(
        LogEvent.IMAGE_FINISHED,
        outcome=outcome.kind,
        owner=image.owner,
        role=outcome.role,
        provider=image.provider,
        url=outcome.url,
        path=outcome.storage_key,
        status_code=failure.status_code if failure is not None else save.status_code if save is not None else None,
        attempts=0 if save is None else save.attempts,
        bytes=outcome.bytes_received,
        duration_ms=0 if save is None else save.duration_ms,
        error_type=None if failure is None else failure.error_type,
        reason=None if failure is None else failure.reason,
        force_refresh=options.force_refresh_images,
    )


async def note_failed_visit(listing: Listing, outcome: DetailOutcome, why: str, services: Services) -> None:
    """Write into the venue's story that a visit of it came to nothing; one that came to something is in its save."""
    failure, at = outcome.failure, services.clock.now()
    if failure is not None and failure.error_type is ErrorType.STORAGE_ERROR:
        return  # what could not store the visit cannot store this either, and would be waited for once more
    try:
        await attempt_storing(
            lambda: services.runs.note_failed_visit(listing, outcome, why, services.run_id, at),
            "noting a visit",
            services,
        )
    except TriviaScraperError as error:
        services.log.warning(LogEvent.VISIT_LOST, error=error.message)


def milliseconds_since(started: float, services: Services) -> int:
    """Whole milliseconds since a monotonic moment."""
    return round((services.clock.monotonic() - started) * 1000)
