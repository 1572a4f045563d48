"""Whose failed images are retried first: the priority score (images.md 10, R183). Pure."""

from __future__ import annotations

from typing import Final

POINTS_PER_FAILURE: Final = 10.0
POINTS_FOR_TRANSIENT: Final = 20.0
VISITS_PER_POINT: Final = 100.0


def failure_rate_pct(failed: int, total: int) -> float:
    """Failed of all images, in per cent; 0.0 where there are none. Not rounded."""
    return 100.0 * failed / total if total else 0.0


def priority_score(failed: int, total: int, *, has_transient: bool, activity: int) -> float:
    """How urgent an owner's failures are; higher = more urgent. 3 of 10 with a transient one -> 80.0.

    failed    failed and permanently failed images
    total     all images of the owner
    activity  visits in 30 days
    """
    transient = POINTS_FOR_TRANSIENT if has_transient else 0.0
    return POINTS_PER_FAILURE * failed + failure_rate_pct(failed, total) + transient + activity / VISITS_PER_POINT
