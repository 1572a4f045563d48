"""What is fetched: a page or an image. The two share every step and differ in the few ways told here."""

from __future__ import annotations

from enum import Enum

from trivia_scraper.domain.errors import ImageUnreachable, PageUnreachable, TriviaScraperError
from trivia_scraper.policy.statuses import image_failure, page_failure


class Subject(Enum):
    """A page (robots.txt among them) or an image."""

    PAGE = "page"
    IMAGE = "image"

    @property
    def unreachable(self) -> type[PageUnreachable] | type[ImageUnreachable]:
        """The transient error of this subject."""
        return PageUnreachable if self is Subject.PAGE else ImageUnreachable

    def failure(self, status: int, retry_after_seconds: float | None) -> TriviaScraperError:
        """The error for a status that is not a success."""
        judge = page_failure if self is Subject.PAGE else image_failure
        return judge(status, retry_after_seconds=retry_after_seconds)
