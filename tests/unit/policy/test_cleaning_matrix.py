"""The decision matrix of the nightly scan (images.md 9), row by row."""

from __future__ import annotations

from dataclasses import replace

import pytest

from trivia_scraper.domain.cleaning import (
    WHOLE_CLEANUP,
    CleanupAction,
    CleanupPart,
    CleanupReport,
    FailedImage,
    FailureCounts,
    OwnerCleanup,
    ScanReport,
)
from trivia_scraper.domain.failures import ErrorType
from trivia_scraper.domain.file_sweeps import SweepReport
from trivia_scraper.domain.models import ImageStatus, OwnerKind
from trivia_scraper.domain.recovery import OwnerRef
from trivia_scraper.policy.classifying import DEFAULT_CLASSES, error_classes
from trivia_scraper.policy.cleaning_matrix import count_failures, decide_cleanup, to_close

QUEUE, CLOSE, LEAVE, NOTHING = CleanupAction.QUEUE, CleanupAction.CLOSE, CleanupAction.LEAVE, CleanupAction.NOTHING


@pytest.mark.parametrize(
    ("transient", "permanent", "ambiguous", "expected"),
    [
        (1, 0, 0, QUEUE),
        (1, 1, 0, QUEUE),
        (1, 0, 1, QUEUE),
        (3, 5, 7, QUEUE),
        (0, 1, 0, CLOSE),
        (0, 1, 9, CLOSE),
        (0, 0, 1, LEAVE),
        (0, 0, 0, NOTHING),
    ],
)
def test_r166_the_matrix_transient_first(
    transient: int, permanent: int, ambiguous: int, expected: CleanupAction
) -> None:
    assert decide_cleanup(FailureCounts(transient, permanent, ambiguous)) is expected


def image(error_type: str | None, retry_count: int = 0, status: ImageStatus = ImageStatus.FAILED) -> FailedImage:
    """One failure."""
    return FailedImage(1, status, retry_count, error_type)


@pytest.mark.parametrize(
    ("failed", "expected"),
    [
        (image("rate_limited"), FailureCounts(transient=1)),
        (image("rate_limited", retry_count=2), FailureCounts(transient=1)),
        (image("rate_limited", retry_count=3), FailureCounts(permanent=1)),
        (image("not_found"), FailureCounts(permanent=1)),
        (image("rate_limited", status=ImageStatus.PERMANENTLY_FAILED), FailureCounts(permanent=1)),
        (image("server_error"), FailureCounts(ambiguous=1)),
        (image(None), FailureCounts(ambiguous=1)),
        (image("invented"), FailureCounts(ambiguous=1)),
        (image("rate_limited", status=ImageStatus.UPLOADED), FailureCounts()),
    ],
)
def test_r165_failures_are_counted_by_class(failed: FailedImage, expected: FailureCounts) -> None:
    assert count_failures([failed], DEFAULT_CLASSES) == expected
    assert count_failures([failed] * 4, DEFAULT_CLASSES) == FailureCounts(
        expected.transient * 4, expected.permanent * 4, expected.ambiguous * 4
    )


def test_r166_the_classes_are_those_of_the_settings() -> None:
    overridden = error_classes(frozenset({ErrorType.SERVER_ERROR}), None)
    assert count_failures([image("server_error"), image("rate_limited")], overridden) == FailureCounts(1, 0, 1)


def test_r166_what_is_still_failed_and_permanent_is_closed() -> None:
    images = [
        replace(image("not_found"), id=1),
        replace(image("not_found", status=ImageStatus.PERMANENTLY_FAILED), id=2),
        replace(image("rate_limited"), id=3),
        replace(image("rate_limited", retry_count=3), id=4),
        replace(image("server_error"), id=5),
    ]
    assert [each.id for each in to_close(images, DEFAULT_CLASSES)] == [1, 4]


def cleaned(action: CleanupAction, number: int, error: str | None = None) -> list[OwnerCleanup]:
    """So many owners with this action."""
    counts = FailureCounts()
    return [OwnerCleanup(OwnerRef(OwnerKind.VENUE, each), "x", counts, action, error) for each in range(number)]


def report(*owners: OwnerCleanup, **changes: object) -> CleanupReport:
    """A report of a scan."""
    plain = CleanupReport(7, False, 1234, ScanReport(owners), SweepReport(), None)
    return replace(plain, **changes)  # type: ignore[arg-type]


def test_r167_the_four_counters_and_the_elapsed_time_and_nothing_else() -> None:
    """images.md 9: 42 found -> queued 35, permanent 7, ambiguous 0, errors 0."""
    counted = report(*cleaned(QUEUE, 35), *cleaned(CLOSE, 7)).counters
    assert counted == {
        "transient_queued": 35,
        "permanent_logged": 7,
        "ambiguous_skipped": 0,
        "errors": 0,
        "elapsed_ms": 1234,
    }


def test_r167_the_counters_add_up_to_what_was_found() -> None:
    owners = [*cleaned(QUEUE, 3), *cleaned(CLOSE, 2), *cleaned(LEAVE, 4), *cleaned(NOTHING, 1, "boom")]
    counted = ScanReport(tuple(owners)).counters
    assert counted == {"transient_queued": 3, "permanent_logged": 2, "ambiguous_skipped": 4, "errors": 1}
    assert sum(counted.values()) == len(owners)


@pytest.mark.parametrize(
    ("made", "ok"),
    [
        (report(*cleaned(QUEUE, 1)), True),
        (report(*cleaned(QUEUE, 1, "boom")), False),
        (report(files=SweepReport(errors=1)), False),
        (report(files=SweepReport(held=("too much",))), False),
        (report(failed_parts={"files": "no answer"}), False),
        (report(scan=None, files=None), True),
    ],
)
def test_a_cleanup_is_well_when_all_was_done(made: CleanupReport, ok: bool) -> None:
    assert made.ok is ok


def test_a_whole_cleanup_has_every_part() -> None:
    assert WHOLE_CLEANUP.is_whole
    assert not replace(WHOLE_CLEANUP, parts=frozenset({CleanupPart.FILES})).is_whole
