"""Two venues become one (V5): who stays, what is filled in, where each evening goes, what undoing puts back."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from trivia_scraper.policy.venue_merging import (
    VENUE_GAPS,
    EventRecord,
    VenueRecord,
    fill_gaps,
    patch_back,
    plan_events,
    stays_first,
)

NOON = dt.datetime(2026, 9, 1, 12, tzinfo=dt.UTC)
NOTHING: dict[str, object] = {column: None for group in VENUE_GAPS for column in group}


def venue(number: int = 1, running: int = 0, images: int = 0, days: int = 0, **facts: object) -> VenueRecord:
    return VenueRecord(number, {**NOTHING, **facts}, running, images, NOON + dt.timedelta(days=days))


@pytest.mark.parametrize(
    ("left", "right", "left_stays"),
    [
        pytest.param(venue(phone="1", city="Leeds"), venue(2, running=9, images=9), True, id="more-facts"),
        pytest.param(venue(), venue(2, phone="1"), False, id="fewer-facts"),
        pytest.param(venue(latitude=1.0), venue(2, phone="1"), False, id="half-a-position-is-none"),
        pytest.param(venue(running=2, images=0), venue(2, running=1, images=5), True, id="more-evenings"),
        pytest.param(venue(running=1, images=1), venue(2, running=1, images=2), False, id="more-pictures"),
        pytest.param(venue(days=1), venue(2, days=0), False, id="known-longer"),
        pytest.param(venue(1), venue(2), True, id="the-lower-number-when-all-is-equal"),
    ],
)
def test_v5_the_more_complete_record_stays(left: VenueRecord, right: VenueRecord, left_stays: bool) -> None:
    """Whichever is named first."""
    assert stays_first(left, right) is left_stays
    assert stays_first(right, left) is not left_stays


@pytest.mark.parametrize(
    ("winner", "loser", "filled"),
    [
        ({}, {"phone": "1"}, {"phone": "1"}),
        ({"phone": "2"}, {"phone": "1"}, {}),
        ({"phone": ""}, {"phone": "1"}, {"phone": "1"}),
        ({}, {"latitude": 1.0, "longitude": 2.0}, {"latitude": 1.0, "longitude": 2.0}),
        ({"latitude": 9.0}, {"latitude": 1.0, "longitude": 2.0}, {"latitude": 1.0, "longitude": 2.0}),
        ({}, {"latitude": 1.0}, {}),
        ({"latitude": 9.0, "longitude": 9.0}, {"latitude": 1.0, "longitude": 2.0}, {}),
    ],
)
def test_v5_gaps_are_filled_and_nothing_is_overwritten(
    winner: dict[str, object], loser: dict[str, object], filled: dict[str, object]
) -> None:
    """V1: missing coordinates are filled in, present ones stay; a position comes whole or not at all."""
    assert fill_gaps({**NOTHING, **winner}, {**NOTHING, **loser}) == filled


FACTS: dict[str, object] = {
    "end_time": None, "fee_minor": None, "currency": "GBP", "next_date": None, "performer_id": None, "hero_url": None,
    "description": None,
}  # fmt: skip


def event(
    number: int, slot: str = "2 19:30", seen_days: int | None = 0, *, open: bool = True, **facts: Any
) -> EventRecord:
    weekday, start = slot.split()
    seen = None if seen_days is None else NOON + dt.timedelta(days=seen_days)
    return EventRecord(number, int(weekday), start, open, seen, {**FACTS, **facts})


def test_v5_evenings_move_where_the_hour_is_free() -> None:
    moves = plan_events([event(1, "2 19:30")], [event(2, "4 20:00"), event(3, "2 20:00")])
    assert (moves.move, moves.meet) == ((2, 3), ())


def test_v5_closed_evenings_move_as_history_whatever_the_hour() -> None:
    moves = plan_events([event(1), event(2, open=False)], [event(3, open=False)])
    assert (moves.move, moves.meet) == ((3,), ())
    assert plan_events([event(1, open=False)], [event(2)]).move == (2,)


@pytest.mark.parametrize(
    ("winners_seen", "losers_seen", "stays"),
    [(1, 0, 1), (0, 1, 2), (0, 0, 1), (None, 0, 2), (0, None, 1), (None, None, 1)],
)
def test_v5_else_the_fresher_one_stays(winners_seen: int | None, losers_seen: int | None, stays: int) -> None:
    [meeting] = plan_events([event(1, seen_days=winners_seen)], [event(2, seen_days=losers_seen)]).meet
    assert (meeting.stays, meeting.goes) == (stays, 3 - stays)


@pytest.mark.parametrize(
    ("stays", "goes", "fills"),
    [
        ({}, {"fee_minor": 0}, {"fee_minor": 0}),
        ({"fee_minor": 0}, {"fee_minor": 300}, {}),
        ({}, {"fee_minor": 3, "currency": "EUR"}, {"fee_minor": 3, "currency": "EUR"}),
        ({}, {"description": "Six rounds"}, {"description": "Six rounds"}),
        ({"description": "Six rounds and a raffle"}, {"description": "Six rounds"}, {}),
        ({"description": "Quiz"}, {"description": "Six rounds"}, {"description": "Six rounds"}),
        ({"performer_id": 4}, {"performer_id": 5, "hero_url": "u"}, {"hero_url": "u"}),
    ],
)
def test_v5_the_longer_text_wins_and_gaps_are_filled(
    stays: dict[str, object], goes: dict[str, object], fills: dict[str, object]
) -> None:
    [meeting] = plan_events([event(1, seen_days=1, **stays)], [event(2, **goes)]).meet
    assert meeting.fills == fills


def test_undoing_puts_back_what_nobody_has_changed_since() -> None:
    before, after = {"phone": None, "city": None}, {"phone": "1", "city": "Leeds"}
    assert patch_back(before, after, {"phone": "1", "city": "York", "name": "x"}) == {"phone": None}
