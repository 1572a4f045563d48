"""policy/watchdog.py: when the daemon may say that it lives (operations.md 5, F11, F30)."""

from __future__ import annotations

import itertools

import pytest

from trivia_scraper.policy.watchdog import MOST_LAG_SECONDS, may_pet

EACH = list(itertools.product([True, False], repeat=3))
WELL = {
    "lag_seconds": 0.01,
    "loops_fresh": True,
    "scheduler_ticked": True,
    "database_answers": True,
    "knowingly_waiting": False,
}


@pytest.mark.parametrize(
    ("differs", "why"),
    [
        ({}, ""),
        ({"lag_seconds": 0.999}, ""),
        ({"lag_seconds": MOST_LAG_SECONDS}, "the event loop is 1.0 s late"),
        ({"lag_seconds": 5.0}, "the event loop is 5.0 s late"),
        ({"loops_fresh": False}, "a loop gives no sign of life"),
        ({"scheduler_ticked": False}, "the schedule was not looked at"),
        ({"database_answers": False}, "the database does not answer"),
        ({"database_answers": False, "knowingly_waiting": True}, ""),
        ({"database_answers": False, "knowingly_waiting": True, "lag_seconds": 2.0}, "the event loop is 2.0 s late"),
    ],
    ids=lambda value: value if isinstance(value, str) else "-".join(value) or "well",
)
def test_f11_sign_of_life(differs: dict[str, object], why: str) -> None:
    assert may_pet(**{**WELL, **differs}) == (not why, why)


@pytest.mark.parametrize(("loops", "schedule", "database"), EACH)
def test_f30_who_waits_for_the_database_and_knows_it_is_not_killed(
    loops: bool, schedule: bool, database: bool
) -> None:
    """Whatever stands still for want of the database; a restart would not bring it back."""
    assert may_pet(0.0, loops, schedule, database, True) == (True, "")


@pytest.mark.parametrize(("loops", "schedule", "database"), EACH)
def test_all_must_be_well_otherwise(loops: bool, schedule: bool, database: bool) -> None:
    allowed, why = may_pet(0.0, loops, schedule, database, False)
    assert allowed == (loops and schedule and database)
    assert bool(why) != allowed
