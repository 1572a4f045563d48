"""The targets of images.md 10, judged at their edges (R190, R197)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from trivia_scraper.domain.statistics import SummaryStats
from trivia_scraper.domain.weekly import FirstAttempts, Measured
from trivia_scraper.policy.targets import judge_targets

NOTHING = Measured(
    first=FirstAttempts(0, 0, 0, 0, 0),
    images={},
    venues=0,
    summary=SummaryStats(0, 0, 0, 0.0, 0, 0, 0, ()),
    overdue=0,
    ten_images_seconds=None,
    recovery_seconds=None,
    fewer_listings_pct=None,
)


def verdict(name: str, measured: Measured) -> tuple[str | None, bool | None]:
    [found] = [each for each in judge_targets(measured) if each.name == name]
    return found.reached, found.is_met


def first(**counts: int) -> Measured:
    return replace(NOTHING, first=replace(NOTHING.first, **counts))


def summary(**counts: float) -> Measured:
    return replace(NOTHING, venues=1000, summary=replace(NOTHING.summary, **counts))


@pytest.mark.parametrize(
    ("name", "measured", "reached", "is_met"),
    [
        ("stored by the run that found them", first(made=100, succeeded=95), "95.0 %", False),
        ("stored by the run that found them", first(made=1000, succeeded=951), "95.1 %", True),
        ("stored by the run that found them", first(made=10_000, succeeded=9_504), "95.0 %", True),
        ("stored after recovery", replace(NOTHING, images={"uploaded": 98, "failed": 2}), "98.0 %", True),
        ("stored after recovery", replace(NOTHING, images={"uploaded": 979, "failed": 21}), "97.9 %", False),
        (
            "stored after recovery",
            replace(NOTHING, images={"uploaded": 96, "skipped": 1, "external": 1, "permanently_failed": 2}),
            "98.0 %",
            True,
        ),
        ("venues with unrecovered transient failures", summary(venues_with_transient=9), "0.9 %", True),
        ("venues with unrecovered transient failures", summary(venues_with_transient=10), "1.0 %", False),
        ("venues with failures", summary(total_venues_with_failures=49), "49", True),
        ("venues with failures", summary(total_venues_with_failures=50), "50", False),
        ("failed images", summary(total_failed_images=99), "99", True),
        ("failed images", summary(total_failed_images=1_000), "1,000", False),
        ("venues with transient failures", summary(venues_with_transient=10), "10", False),
        ("average failure rate of those venues", summary(average_failure_rate=1.9), "1.9 %", True),
        ("average failure rate of those venues", summary(average_failure_rate=2.0), "2.0 %", False),
        ("transient failures not retried within 24 h", NOTHING, "0", True),
        ("transient failures not retried within 24 h", replace(NOTHING, overdue=1), "1", False),
        ("images that needed another try", first(made=100, repeated=4), "4.0 %", True),
        ("images that needed another try", first(made=100, repeated=5), "5.0 %", False),
        ("runs in which a server limited us", first(runs=200, runs_limited=1), "0.5 %", True),
        ("runs in which a server limited us", first(runs=100, runs_limited=1), "1.0 %", False),
        ("ten images", replace(NOTHING, ten_images_seconds=9.9), "9.9 s", True),
        ("ten images", replace(NOTHING, ten_images_seconds=10.0), "10.0 s", False),
        ("a recovery", replace(NOTHING, recovery_seconds=2.4), "2.4 s", True),
        ("a recovery", replace(NOTHING, recovery_seconds=2.5), "2.5 s", False),
        ("listing calls saved by recovery", replace(NOTHING, fewer_listings_pct=30.0), "30.0 %", True),
        ("listing calls saved by recovery", replace(NOTHING, fewer_listings_pct=29.9), "29.9 %", False),
    ],
)
def test_r190_r197_each_target_at_its_edge(name: str, measured: Measured, reached: str, is_met: bool) -> None:
    assert verdict(name, measured) == (reached, is_met)


def test_r190_what_nothing_was_measured_of_is_neither_met_nor_missed() -> None:
    unmeasured = {each.name for each in judge_targets(NOTHING) if each.is_met is None}
    assert unmeasured == {
        "stored by the run that found them",
        "stored after recovery",
        "venues with unrecovered transient failures",
        "images that needed another try",
        "runs in which a server limited us",
        "ten images",
        "a recovery",
        "listing calls saved by recovery",
    }
    assert all(each.reached is None for each in judge_targets(NOTHING) if each.is_met is None)
