"""The targets of images.md 10, judged: met, missed, or nothing to measure (R190, R197). Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final, TypeAlias

from trivia_scraper.domain.statistics import rate_pct
from trivia_scraper.domain.weekly import Measured, TargetVerdict

SHOWN_STATES: Final = ("uploaded", "skipped", "external")
"""States with something to show: `skipped` counts as success (images.md 3)."""

USUAL_RECOVERY_SECONDS: Final = 2.5
"""The target is "about 2 s"."""

_Judge: TypeAlias = Callable[[float], bool]


def judge_targets(measured: Measured) -> tuple[TargetVerdict, ...]:
    """Every target, in the order of the specification."""
    return tuple(_verdicts(measured))


def _verdicts(measured: Measured) -> Iterator[TargetVerdict]:
    first, summary, images = measured.first, measured.summary, measured.images
    stored, every = sum(images.get(each, 0) for each in SHOWN_STATES), sum(images.values())
    yield _share("stored by the run that found them", "> 95 %", first.succeeded, first.made, lambda pct: pct > 95)
    yield _share("stored after recovery", ">= 98 %", stored, every, lambda pct: pct >= 98)
    yield _share(
        "venues with unrecovered transient failures", "< 1 %", summary.venues_with_transient, measured.venues,
        lambda pct: pct < 1,
    )  # fmt: skip
    yield _below("venues with failures", 50, summary.total_venues_with_failures)
    yield _below("failed images", 100, summary.total_failed_images)
    yield _below("venues with transient failures", 10, summary.venues_with_transient)
    rate = summary.average_failure_rate
    yield TargetVerdict("average failure rate of those venues", "< 2 %", f"{rate:.1f} %", rate < 2)
    yield _below("transient failures not retried within 24 h", 1, measured.overdue)
    yield _share("images that needed another try", "< 5 %", first.repeated, first.made, lambda pct: pct < 5)
    yield _share("runs in which a server limited us", "< 1 %", first.runs_limited, first.runs, lambda pct: pct < 1)
    yield _time("ten images", "< 10 s", measured.ten_images_seconds, 10.0)
    yield _time("a recovery", "about 2 s", measured.recovery_seconds, USUAL_RECOVERY_SECONDS)
    fewer = measured.fewer_listings_pct
    yield TargetVerdict(
        "listing calls saved by recovery", ">= 30 %", None if fewer is None else f"{fewer:.1f} %",
        None if fewer is None else fewer >= 30,
    )  # fmt: skip


def _share(name: str, wanted: str, part: int, whole: int, is_met: _Judge) -> TargetVerdict:
    if not whole:
        return TargetVerdict(name, wanted, None, None)
    # Judged before it is rounded: 94.96 % is not above 95 %.
    return TargetVerdict(name, wanted, f"{rate_pct(part, whole):.1f} %", is_met(100.0 * part / whole))


def _below(name: str, limit: int, reached: int) -> TargetVerdict:
    wanted = "none" if limit == 1 else f"< {limit}"
    return TargetVerdict(name, wanted, f"{reached:,}", reached < limit)


def _time(name: str, wanted: str, seconds: float | None, limit: float) -> TargetVerdict:
    if seconds is None:
        return TargetVerdict(name, wanted, None, None)
    return TargetVerdict(name, wanted, f"{seconds:.1f} s", seconds < limit)
