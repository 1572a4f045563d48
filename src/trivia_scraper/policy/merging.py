"""How stated facts change stored ones: venues (E3, V1), events (E1, E2, E5)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from trivia_scraper.domain.models import EventFacts


def merge_facts(known: Mapping[str, object], stated: Mapping[str, object], *, owns_facts: bool) -> dict[str, object]:
    """Which columns change. The owning source overwrites, others fill gaps only; null never erases (E3),
    nor does an empty text (R48).

    Without the ownership rule two sources that spell one pub differently would overwrite each other for ever.
    """
    return {
        name: value
        for name, value in stated.items()
        if value not in (None, "") and value != known.get(name) and (owns_facts or known.get(name) is None)
    }


def without_past_date(
    known: Mapping[str, object], stated: Mapping[str, object], today: dt.date
) -> Mapping[str, object]:
    """An event's facts; without a next date that has passed where a later one is stated, whoever states it."""
    past, coming = known["next_date"], stated["next_date"]
    is_overtaken = isinstance(past, dt.date) and isinstance(coming, dt.date) and past < today and past < coming
    return {**known, "next_date": None} if is_overtaken else known


_KIND_OF_COLUMN: Final = {
    "weekday": "event_moved",
    "start_time": "event_time",
    "fee_minor": "event_fee",
    "currency": "event_fee",
    "status": "event_status",
}


def tellings(change: str, changes: Mapping[str, object]) -> dict[str, dict[str, object]]:
    """The lines of an event's story: kind → the changed columns it tells. A line a kind, so that they can be counted.

    change  what `plan_events` calls it: a move tells the new hour too, a return the status, and that another source
            joins is one line with what it fills in
    """
    opening = {"reopened": "event_returned", "joined": "event_joined"}.get(change)
    kinds: dict[str, dict[str, object]] = {opening: {}} if opening else {}
    for column, value in changes.items():
        kind = _KIND_OF_COLUMN.get(column, "event")
        if change == "joined":
            kind = "event_joined"
        elif change == "weekday" and column == "start_time":
            kind = "event_moved"
        elif change == "reopened" and column == "status":
            kind = "event_returned"
        kinds.setdefault(kind, {})[column] = value
    return kinds


@dataclass(frozen=True, slots=True)
class KnownEvent:
    """A stored event of the venue. `mine` = this (source, key) shows it; `others` = another sighting does too."""

    id: int
    weekday: int
    start_time: dt.time
    open: bool
    mine: bool
    others: bool


@dataclass(slots=True)
class EventPlan:
    """What one listing's evenings do to the venue's events.

    keep    (event id, facts, change) with change "" | "time" | "weekday" | "reopened" | "joined"
    insert  evenings that no stored event is
    close   ids of events that only this listing showed and that it no longer lists
    leave   ids of events that another source still shows: only this listing's sighting goes
    """

    keep: list[tuple[int, EventFacts, str]] = field(default_factory=list)
    insert: list[EventFacts] = field(default_factory=list)
    close: list[int] = field(default_factory=list)
    leave: list[int] = field(default_factory=list)


def plan_events(stated: Sequence[EventFacts], known: Sequence[KnownEvent]) -> EventPlan:
    """Pair stated evenings with stored events: same slot, then same weekday (E2 time), then a single move (E2).

    An evening stated twice is one: the store has one open event a slot (E1).
    """
    plan = EventPlan()
    stated = _once_each(stated)
    mine = [event for event in known if event.mine]
    rest = _pair_same_slot(stated, known, plan)
    rest = _pair_same_weekday(rest, mine, plan)
    rest = _pair_single_move(stated, rest, mine, plan)
    plan.insert.extend(rest)
    _let_go(mine, plan)
    return plan


def _slot(event: KnownEvent | EventFacts) -> tuple[int, dt.time]:
    return event.weekday, event.start_time


def _once_each(stated: Sequence[EventFacts]) -> list[EventFacts]:
    first: dict[tuple[int, dt.time], EventFacts] = {}
    for facts in stated:
        first.setdefault(_slot(facts), facts)
    return list(first.values())


def _taken(plan: EventPlan) -> set[int]:
    return {event_id for event_id, _, _ in plan.keep}


def _pair_same_slot(stated: Sequence[EventFacts], known: Sequence[KnownEvent], plan: EventPlan) -> list[EventFacts]:
    rest: list[EventFacts] = []
    for facts in stated:
        same = [event for event in known if _slot(event) == _slot(facts) and event.id not in _taken(plan)]
        same.sort(key=lambda event: (not event.open, not event.mine, event.id))
        found = next((event for event in same if event.mine or event.open), None)
        if found is None:
            rest.append(facts)
        else:
            change = "joined" if not found.mine else "" if found.open else "reopened"
            plan.keep.append((found.id, facts, change))
    return rest


def _movable(mine: Sequence[KnownEvent], plan: EventPlan) -> list[KnownEvent]:
    # An event that another source still shows is never moved by this one.
    return [event for event in mine if event.open and not event.others and event.id not in _taken(plan)]


def _pair_same_weekday(stated: Sequence[EventFacts], mine: Sequence[KnownEvent], plan: EventPlan) -> list[EventFacts]:
    rest: list[EventFacts] = []
    for facts in stated:
        found = next((event for event in _movable(mine, plan) if event.weekday == facts.weekday), None)
        if found is None:
            rest.append(facts)
        else:
            plan.keep.append((found.id, facts, "time"))
    return rest


def _pair_single_move(
    stated: Sequence[EventFacts],
    rest: list[EventFacts],
    mine: Sequence[KnownEvent],
    plan: EventPlan,
) -> list[EventFacts]:
    movable = _movable(mine, plan)
    open_mine = [event for event in mine if event.open]
    if len(stated) == 1 and len(rest) == 1 and len(open_mine) == 1 and len(movable) == 1:
        plan.keep.append((movable[0].id, rest[0], "weekday"))
        return []
    return rest


def _let_go(mine: Sequence[KnownEvent], plan: EventPlan) -> None:
    for event in mine:
        if event.open and event.id not in _taken(plan):
            (plan.leave if event.others else plan.close).append(event.id)
