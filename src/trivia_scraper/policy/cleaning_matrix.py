"""The decision matrix of the nightly scan (images.md 9, R166). Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from trivia_scraper.domain.cleaning import CleanupAction, FailedImage, FailureCounts
from trivia_scraper.domain.failures import FailureClass
from trivia_scraper.domain.models import ImageStatus
from trivia_scraper.policy.classifying import ErrorClasses


def count_failures(images: Iterable[FailedImage], classes: ErrorClasses) -> FailureCounts:
    """An owner's failures by class (images.md 6): closed images and those tried three times are permanent."""
    counted = Counter(classes.of_image(image.status, image.retry_count, image.error_type) for image in images)
    return FailureCounts(
        transient=counted[FailureClass.TRANSIENT],
        permanent=counted[FailureClass.PERMANENT],
        ambiguous=counted[FailureClass.AMBIGUOUS],
    )


def decide_cleanup(counts: FailureCounts) -> CleanupAction:
    """Transient failures first: their recovery sees to the permanent ones of the same owner too (R166, R174)."""
    if counts.transient:
        return CleanupAction.QUEUE
    if counts.permanent:
        return CleanupAction.CLOSE
    return CleanupAction.LEAVE if counts.ambiguous else CleanupAction.NOTHING


def to_close(images: Iterable[FailedImage], classes: ErrorClasses) -> tuple[FailedImage, ...]:
    """Images that are still `failed` although nothing can help them any more."""
    return tuple(
        image
        for image in images
        if image.status is ImageStatus.FAILED
        and classes.of_image(image.status, image.retry_count, image.error_type) is FailureClass.PERMANENT
    )
