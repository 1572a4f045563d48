"""Files without a row: when they are touched, what a crash in between means, when a person has to look."""

from __future__ import annotations

import datetime as dt
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trivia_scraper.policy.key_sketch import KeySketch
from trivia_scraper.policy.quarantining import Settlement, is_old_enough, is_suspicious, quarantine_key, settle_move

NOW = dt.datetime(2026, 3, 10, 4, tzinfo=dt.UTC)
FORGET, RESTORE, KEEP = Settlement.FORGET, Settlement.RESTORE, Settlement.KEEP


@pytest.mark.parametrize(
    ("in_place", "set_aside", "is_referenced", "expected"),
    [
        (True, False, False, FORGET),  # killed before the move
        (True, False, True, FORGET),
        (False, False, False, FORGET),  # gone by itself: nothing to keep
        (False, False, True, FORGET),
        (False, True, False, KEEP),  # killed after the move
        (False, True, True, RESTORE),  # and a row has turned up that needs it
        (True, True, False, KEEP),  # an object store had copied and not yet deleted
        (True, True, True, KEEP),
    ],
)
def test_a_move_that_a_crash_interrupted(
    in_place: bool, set_aside: bool, is_referenced: bool, expected: Settlement
) -> None:
    settled = settle_move(in_place=in_place, set_aside=set_aside, is_referenced=is_referenced)
    assert settled is expected


def test_no_interrupted_move_loses_a_file() -> None:
    """Whatever was found: a file in the quarantine is never forgotten."""
    for in_place, is_referenced in product((True, False), repeat=2):
        assert settle_move(in_place=in_place, set_aside=True, is_referenced=is_referenced) is not FORGET


@pytest.mark.parametrize(
    ("minutes", "expected"), [(0, False), (59, False), (60, True), (61, True), (-5, False), (60 * 24 * 365, True)]
)
def test_only_what_is_older_than_an_hour_is_repaired(minutes: int, expected: bool) -> None:
    assert is_old_enough(NOW - dt.timedelta(minutes=minutes), NOW) is expected


@pytest.mark.parametrize(
    ("differing", "total", "expected"),
    [
        (0, 0, False),
        (20, 20, False),  # a small store, whatever its share
        (21, 21, True),  # an unmounted disk
        (21, 105, False),  # exactly a fifth
        (22, 105, True),
        (200_000, 1_000_000, False),
        (200_001, 1_000_000, True),
    ],
)
def test_f52_so_many_differences_are_held_until_a_person_has_looked(
    differing: int, total: int, expected: bool
) -> None:
    assert is_suspicious(differing, total, 0.2) is expected


def test_where_a_cleanup_puts_a_file() -> None:
    assert quarantine_key(7, "venues/a/hero-1.jpg") == ".quarantine/7/venues/a/hero-1.jpg"


@given(st.sets(st.text(min_size=1)), st.sets(st.text(min_size=1)))
def test_a_sketch_never_misses_what_was_added(added: set[str], others: set[str]) -> None:
    sketch = KeySketch()
    sketch.add(added)
    assert len(sketch) == len(added)
    assert all(map(sketch.may_hold, added))
    assert not any(map(sketch.may_hold, others - added))
    sketch.add(others)
    assert all(map(sketch.may_hold, added | others))
