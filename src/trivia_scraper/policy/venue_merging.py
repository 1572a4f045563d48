"""Two stored venues become one (V5): which record stays, which gaps it fills, where each evening goes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

# Coordinates come as a pair: a latitude of one venue and a longitude of the other are a third place.
VENUE_GAPS: Final = (
    ("address",), ("street",), ("city",), ("region",), ("postcode",), ("latitude", "longitude"), ("phone",),
    ("website",), ("facebook",), ("instagram",), ("place_id",),
)  # fmt: skip
EVENT_GAPS: Final = (
    ("end_time",), ("fee_minor", "currency"), ("next_date",), ("performer_id",), ("hero_url",),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class VenueRecord:
    """A stored venue, as far as choosing between two needs it. `facts` by column."""

    id: int
    facts: Mapping[str, object]
    running_events: int
    stored_images: int
    created_at: dt.datetime


@dataclass(frozen=True, slots=True)
class EventRecord:
    """A stored event. `last_seen_at` is the latest of its sightings; None when nobody shows it."""

    id: int
    weekday: int
    start_time: str
    open: bool
    last_seen_at: dt.datetime | None
    facts: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class EventMeeting:
    """Two running evenings of one hour: the fresher stays, with what it lacks from the other."""

    stays: int
    goes: int
    fills: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class EventMoves:
    """Where the loser's evenings go: `move` to the winner as they are, `meet` where the winner has that hour."""

    move: tuple[int, ...]
    meet: tuple[EventMeeting, ...]


def stays_first(left: VenueRecord, right: VenueRecord) -> bool:
    """Whether `left` stays when nobody says which: the more complete record, then the one that is known longer."""
    return _completeness(left) >= _completeness(right)


def _completeness(venue: VenueRecord) -> tuple[int, int, int, float, int]:
    stated = sum(_is_stated(venue.facts, group) for group in VENUE_GAPS)
    return stated, venue.running_events, venue.stored_images, -venue.created_at.timestamp(), -venue.id


def fill_gaps(winner: Mapping[str, object], loser: Mapping[str, object]) -> dict[str, object]:
    """The loser's facts that the winner lacks."""
    return _gaps(winner, loser, VENUE_GAPS)


def _gaps(
    mine: Mapping[str, object], theirs: Mapping[str, object], groups: Sequence[tuple[str, ...]]
) -> dict[str, object]:
    empty = [group for group in groups if not _is_stated(mine, group) and _is_stated(theirs, group)]
    return {column: theirs[column] for group in empty for column in group if theirs[column] != mine[column]}


def _is_stated(facts: Mapping[str, object], group: tuple[str, ...]) -> bool:
    # A fee of 0 is stated (F1); of a group, all of it must be.
    return all(facts[column] not in (None, "", []) for column in group)


def plan_events(winner: Sequence[EventRecord], loser: Sequence[EventRecord]) -> EventMoves:
    """V5: evenings move where the hour is free, else the fresher one stays. Closed ones move as history."""
    by_slot = {_slot(event): event for event in winner if event.open}
    move: list[int] = []
    meet: list[EventMeeting] = []
    for event in loser:
        rival = by_slot.get(_slot(event)) if event.open else None
        if rival is None:
            move.append(event.id)
        else:
            meet.append(_meeting(rival, event))
    return EventMoves(tuple(move), tuple(meet))


def _meeting(winners: EventRecord, losers: EventRecord) -> EventMeeting:
    stays, goes = (losers, winners) if _seen(losers) > _seen(winners) else (winners, losers)
    fills = _gaps(stays.facts, goes.facts, EVENT_GAPS)
    longer = goes.facts["description"]
    if isinstance(longer, str) and len(longer) > len(str(stays.facts["description"] or "")):
        fills["description"] = longer
    return EventMeeting(stays.id, goes.id, fills)


def _seen(event: EventRecord) -> dt.datetime:
    return event.last_seen_at or dt.datetime.min.replace(tzinfo=dt.UTC)


def _slot(event: EventRecord) -> tuple[int, str]:
    return event.weekday, event.start_time


def patch_back(
    before: Mapping[str, object], after: Mapping[str, object], now: Mapping[str, object]
) -> dict[str, object]:
    """The columns that undoing puts back: what the merge changed and nobody has changed since."""
    return {column: value for column, value in before.items() if now[column] == after[column]}
