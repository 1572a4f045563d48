"""How stated facts change stored ones: columns (E3, V1), and evenings of one listing (E1, E2, E5)."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from itertools import count

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from trivia_scraper.domain.models import EventFacts, EventStatus, Frequency
from trivia_scraper.policy.merging import EventPlan, KnownEvent, merge_facts, plan_events, tellings

# --- columns ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("known", "stated", "owner_changes", "other_changes"),
    [
        pytest.param({"a": 1}, {"a": 1}, {}, {}, id="E3-equal"),
        pytest.param({"a": 1}, {"a": 2}, {"a": 2}, {}, id="E3-differs"),
        pytest.param({"a": 1}, {"a": None}, {}, {}, id="E3-null-does-not-erase"),
        pytest.param({"a": None}, {"a": 2}, {"a": 2}, {"a": 2}, id="V1-a-gap-is-filled-by-anybody"),
        pytest.param({}, {"a": 2}, {"a": 2}, {"a": 2}, id="V1-a-new-row"),
        pytest.param({"a": None}, {"a": None}, {}, {}, id="E3-nothing-known-nothing-said"),
        pytest.param({"a": 1, "b": None}, {"a": 2, "b": 3}, {"a": 2, "b": 3}, {"b": 3}, id="E3-each-column-alone"),
        pytest.param({"a": 1}, {}, {}, {}, id="E3-not-mentioned"),
        pytest.param({"latitude": 51.5}, {"latitude": 0.1}, {"latitude": 0.1}, {}, id="V1-present-position-kept"),
        pytest.param({"fee_minor": 200}, {"fee_minor": 0}, {"fee_minor": 0}, {}, id="F1-stated-free-is-a-fact"),
        pytest.param({"fee_minor": 0}, {"fee_minor": None}, {}, {}, id="F1-free-is-not-erased"),
        pytest.param({"fee_minor": 0}, {"fee_minor": 200}, {"fee_minor": 200}, {}, id="F1-free-is-not-a-gap"),
        pytest.param({"ordinals": [2]}, {"ordinals": []}, {"ordinals": []}, {}, id="Q3-weekly-again"),
        pytest.param({"hero_url": "https://h/a"}, {"hero_url": ""}, {}, {}, id="R48-an-empty-url-does-not-blank"),
        pytest.param({"hero_url": None}, {"hero_url": ""}, {}, {}, id="R48-an-empty-url-fills-no-gap"),
        pytest.param(
            {"hero_url": "https://h/a"}, {"hero_url": "https://h/b"}, {"hero_url": "https://h/b"}, {},
            id="T5-picture-address"
        ),
    ],
)  # fmt: skip
def test_merge_facts(
    known: dict[str, object],
    stated: dict[str, object],
    owner_changes: dict[str, object],
    other_changes: dict[str, object],
) -> None:
    assert merge_facts(known, stated, owns_facts=True) == owner_changes
    assert merge_facts(known, stated, owns_facts=False) == other_changes


columns = st.dictionaries(st.sampled_from("abcd"), st.none() | st.sampled_from(["", "x"]) | st.integers(0, 2))


@given(columns, columns, st.booleans())
def test_e3_merging_never_erases_and_settles_at_once(
    known: dict[str, object], stated: dict[str, object], owns: bool
) -> None:
    changes = merge_facts(known, stated, owns_facts=owns)
    merged = {**known, **changes}
    for name, before in known.items():
        if before not in (None, ""):
            assert merged[name] not in (None, "")
            assert owns or merged[name] == before
    assert merge_facts(merged, stated, owns_facts=owns) == {}


@given(columns, columns, columns)
def test_e3_two_sources_do_not_overwrite_each_other_for_ever(
    known: dict[str, object], owner: dict[str, object], other: dict[str, object]
) -> None:
    merged = {**known, **merge_facts(known, owner, owns_facts=True)}
    merged = {**merged, **merge_facts(merged, other, owns_facts=False)}
    assert merge_facts(merged, owner, owns_facts=True) == {}
    assert merge_facts(merged, other, owns_facts=False) == {}


# --- evenings -----------------------------------------------------------------------------------------------

MON, TUE, WED, THU = 1, 2, 3, 4


def evening(weekday: int, hour: int) -> EventFacts:
    return EventFacts(
        weekday=weekday,
        start_time=dt.time(hour),
        end_time=None,
        frequency=Frequency.WEEKLY,
        ordinals=(),
        fee_minor=None,
        currency="GBP",
        title="Quiz night",
        description=None,
        status=EventStatus.ACTIVE,
    )


def event(
    id: int, weekday: int, hour: int, *, open: bool = True, mine: bool = True, others: bool = False
) -> KnownEvent:
    return KnownEvent(id, weekday, dt.time(hour), open, mine, others)


def told(plan: EventPlan) -> dict[str, object]:
    return {
        "keep": [(id, facts.weekday, facts.start_time.hour, change) for id, facts, change in plan.keep],
        "insert": [(facts.weekday, facts.start_time.hour) for facts in plan.insert],
        "close": plan.close,
        "leave": plan.leave,
    }


def does(
    keep: list[tuple[int, int, int, str]] | None = None,
    insert: list[tuple[int, int]] | None = None,
    close: list[int] | None = None,
    leave: list[int] | None = None,
) -> dict[str, object]:
    return {"keep": keep or [], "insert": insert or [], "close": close or [], "leave": leave or []}


FOREIGN = {"mine": False, "others": True}
SHARED = {"mine": True, "others": True}


@pytest.mark.parametrize(
    ("stated", "known", "expected"),
    [
        pytest.param([], [], does(), id="nothing"),
        pytest.param([evening(MON, 19)], [], does(insert=[(MON, 19)]), id="E1-first"),
        pytest.param([evening(MON, 19)], [event(1, MON, 19)], does(keep=[(1, MON, 19, "")]), id="E1-unchanged"),
        pytest.param(
            [evening(MON, 20)], [event(1, MON, 19)], does(keep=[(1, MON, 20, "time")]), id="E2-changed-time",
        ),
        pytest.param(
            [evening(THU, 19)], [event(1, MON, 19)], does(keep=[(1, THU, 19, "weekday")]), id="E2-moved-weekday",
        ),
        pytest.param(
            [evening(THU, 20)], [event(1, MON, 19)], does(keep=[(1, THU, 20, "weekday")]),
            id="E2-moved-weekday-and-time"
        ),
        pytest.param(
            [evening(MON, 19), evening(MON, 21)], [event(1, MON, 19)],
            does(keep=[(1, MON, 19, "")], insert=[(MON, 21)]),
            id="E1-two-evenings-on-one-weekday",
        ),
        pytest.param(
            [evening(MON, 19), evening(WED, 19)], [event(1, MON, 19), event(2, TUE, 19)],
            does(keep=[(1, MON, 19, "")], insert=[(WED, 19)], close=[2]), id="E2-several-evenings-one-replaced",
        ),
        pytest.param(
            [evening(MON, 19), evening(WED, 19)], [event(1, TUE, 19)],
            does(insert=[(MON, 19), (WED, 19)], close=[1]), id="E2-one-evening-became-two-others",
        ),
        pytest.param(
            [evening(WED, 19)], [event(1, MON, 19), event(2, TUE, 19)],
            does(insert=[(WED, 19)], close=[1, 2]), id="E2-two-evenings-became-another",
        ),
        pytest.param(
            [evening(MON, 19)], [event(1, MON, 19), event(2, TUE, 19)],
            does(keep=[(1, MON, 19, "")], close=[2]), id="E2-no-longer-listed-is-closed",
        ),
        pytest.param(
            [evening(MON, 20), evening(TUE, 20)], [event(1, MON, 19), event(2, TUE, 19)],
            does(keep=[(1, MON, 20, "time"), (2, TUE, 20, "time")]), id="E2-both-times-changed",
        ),
        pytest.param(
            [evening(MON, 20), evening(MON, 22)], [event(1, MON, 19), event(2, MON, 20)],
            does(keep=[(2, MON, 20, ""), (1, MON, 22, "time")]), id="E2-the-same-slot-goes-first",
        ),
        pytest.param(
            [evening(MON, 19), evening(WED, 19)], [event(1, MON, 19, **FOREIGN), event(2, TUE, 19)],
            does(keep=[(1, MON, 19, "joined")], insert=[(WED, 19)], close=[2]),
            id="E2-with-several-evenings-nothing-moves",
        ),
        pytest.param(
            [evening(WED, 19)], [event(1, MON, 19), event(2, TUE, 19, **SHARED)],
            does(insert=[(WED, 19)], close=[1], leave=[2]), id="E2-of-two-evenings-none-is-moved",
        ),
        # closed ones
        pytest.param(
            [evening(MON, 19)], [event(1, MON, 19, open=False)], does(keep=[(1, MON, 19, "reopened")]),
            id="E6-reopens-when-seen"
        ),
        pytest.param(
            [evening(MON, 20)], [event(1, MON, 19, open=False)], does(insert=[(MON, 20)]),
            id="E6-closed-at-another-time",
        ),
        pytest.param([], [event(1, MON, 19, open=False)], does(), id="E6-closed-is-not-closed-again"),
        pytest.param(
            [evening(MON, 19)], [event(1, MON, 19, open=False), event(2, MON, 19)], does(keep=[(2, MON, 19, "")]),
            id="E1-open-before-closed"
        ),
        pytest.param(
            [evening(THU, 19)], [event(1, MON, 19), event(2, THU, 19, open=False)],
            does(keep=[(2, THU, 19, "reopened")], close=[1]), id="E2-moved-back-to-an-old-evening",
        ),
        pytest.param(
            [evening(MON, 19)], [event(1, MON, 19, open=False, mine=False)], does(insert=[(MON, 19)]),
            id="E6-a-foreign-closed-one-stays-closed",
        ),
        # other listings and other sources
        pytest.param(
            [evening(MON, 19)], [event(1, TUE, 19, **FOREIGN)], does(insert=[(MON, 19)]),
            id="E5-other-events-are-not-touched",
        ),
        pytest.param(
            [evening(MON, 20)], [event(1, MON, 19, **FOREIGN)], does(insert=[(MON, 20)]),
            id="E5-a-foreign-time-is-not-changed",
        ),
        pytest.param(
            [evening(MON, 19)], [event(1, MON, 19, **FOREIGN)], does(keep=[(1, MON, 19, "joined")]),
            id="E7-two-sources-one-evening"
        ),
        pytest.param([], [event(1, TUE, 19, **FOREIGN)], does(), id="E5-closing-nothing-foreign"),
        pytest.param([], [event(1, MON, 19)], does(close=[1]), id="E2-nothing-listed-any-more"),
        pytest.param([], [event(1, MON, 19, **SHARED)], does(leave=[1]), id="E5-another-source-still-shows-it"),
        pytest.param(
            [evening(THU, 19)], [event(1, MON, 19, **SHARED)], does(insert=[(THU, 19)], leave=[1]),
            id="E2-a-shared-evening-is-never-moved"
        ),
        pytest.param(
            [evening(MON, 20)], [event(1, MON, 19, **SHARED)], does(insert=[(MON, 20)], leave=[1]),
            id="E2-a-shared-time-is-never-changed"
        ),
        pytest.param(
            [evening(THU, 19)], [event(1, MON, 19), event(2, THU, 19, **FOREIGN)],
            does(keep=[(2, THU, 19, "joined")], close=[1]), id="E1-E2-moved-onto-a-slot-another-source-has",
        ),
        pytest.param(
            [evening(MON, 19)], [event(1, MON, 19), event(2, MON, 20, **FOREIGN)], does(keep=[(1, MON, 19, "")]),
            id="E5-a-neighbour-stays",
        ),
        pytest.param(
            [evening(MON, 19), evening(MON, 19)], [], does(insert=[(MON, 19)]),
            id="E1-one-evening-stated-twice-is-one-event"
        ),
        pytest.param(
            [evening(MON, 19), evening(MON, 19)], [event(1, MON, 19)], does(keep=[(1, MON, 19, "")]),
            id="E1-stated-twice-and-known"
        ),
    ],
)  # fmt: skip
def test_plan_events(stated: list[EventFacts], known: list[KnownEvent], expected: dict[str, object]) -> None:
    assert told(plan_events(stated, known)) == expected


hours = st.integers(18, 21)
weekdays = st.integers(MON, WED)
evenings = st.lists(st.builds(evening, weekdays, hours), max_size=4)


@st.composite
def stored_events(draw: st.DrawFn) -> list[KnownEvent]:
    """Events of one venue as the store allows them: at most one open event a slot; an open one has a sighting."""
    slots = draw(st.lists(st.tuples(weekdays, hours, st.booleans()), max_size=6))
    events, taken = [], set()
    for id, (weekday, hour, open) in enumerate(slots, start=1):
        if open and (weekday, hour) in taken:
            continue
        if open:
            taken.add((weekday, hour))
        mine, others = draw(st.sampled_from([(True, False), (False, True), (True, True)]))
        events.append(event(id, weekday, hour, open=open, mine=mine, others=others))
    return events


def applied(plan: EventPlan, known: list[KnownEvent]) -> list[KnownEvent]:
    """What the store holds after the plan (storage/saving.py)."""
    after = {event.id: event for event in known}
    for id in plan.close:
        after[id] = replace(after[id], open=False)
    for id in plan.leave:
        after[id] = replace(after[id], mine=False)
    for id, facts, _ in plan.keep:
        after[id] = replace(after[id], weekday=facts.weekday, start_time=facts.start_time, open=True, mine=True)
    fresh = count(max(after, default=0) + 1)
    for facts in plan.insert:
        id = next(fresh)
        after[id] = KnownEvent(id, facts.weekday, facts.start_time, open=True, mine=True, others=False)
    return list(after.values())


def slot(event: EventFacts | KnownEvent) -> tuple[int, dt.time]:
    return event.weekday, event.start_time


@given(evenings, stored_events())
def test_e1_e2_every_stated_evening_is_kept_or_inserted_once(
    stated: list[EventFacts], known: list[KnownEvent]
) -> None:
    plan = plan_events(stated, known)
    placed = [slot(facts) for _, facts, _ in plan.keep] + [slot(facts) for facts in plan.insert]
    assert sorted(placed) == sorted({slot(facts) for facts in stated})


@given(evenings, stored_events())
def test_e5_each_stored_event_has_one_fate_and_foreign_ones_none_but_joining(
    stated: list[EventFacts], known: list[KnownEvent]
) -> None:
    plan = plan_events(stated, known)
    touched = [id for id, _, _ in plan.keep] + plan.close + plan.leave
    assert len(touched) == len(set(touched))
    foreign = {event.id for event in known if not event.mine}
    assert foreign.isdisjoint(plan.close + plan.leave)
    assert all(change == "joined" for id, _, change in plan.keep if id in foreign)
    assert all(event.open and not event.others for event in known if event.id in plan.close)
    moved = {id for id, _, change in plan.keep if change in ("time", "weekday")}
    assert not [event for event in known if event.id in moved and event.others]


@given(evenings, stored_events())
@example([evening(THU, 19)], [event(1, MON, 19)])
def test_e2_applying_a_plan_twice_changes_nothing(stated: list[EventFacts], known: list[KnownEvent]) -> None:
    once = applied(plan_events(stated, known), known)
    again = plan_events(stated, once)
    assert all(change == "" for _, _, change in again.keep)
    assert (again.insert, again.close, again.leave) == ([], [], [])


@given(evenings, stored_events())
def test_e1_afterwards_a_slot_has_one_open_event_and_ours_are_those_stated(
    stated: list[EventFacts], known: list[KnownEvent]
) -> None:
    after = applied(plan_events(stated, known), known)
    open_slots = [slot(event) for event in after if event.open]
    assert len(open_slots) == len(set(open_slots))
    assert {slot(event) for event in after if event.open and event.mine} == {slot(facts) for facts in stated}


@pytest.mark.parametrize(
    ("change", "changes", "lines"),
    [
        ("weekday", {"weekday": 3}, {"event_moved": {"weekday": 3}}),
        ("weekday", {"weekday": 3, "start_time": 7}, {"event_moved": {"weekday": 3, "start_time": 7}}),
        ("time", {"start_time": 7}, {"event_time": {"start_time": 7}}),
        ("", {"fee_minor": 300}, {"event_fee": {"fee_minor": 300}}),
        ("", {"fee_minor": 3, "currency": "EUR"}, {"event_fee": {"fee_minor": 3, "currency": "EUR"}}),
        ("", {"status": "paused"}, {"event_status": {"status": "paused"}}),
        ("", {"title": "x", "description": "y"}, {"event": {"title": "x", "description": "y"}}),
        (
            "weekday", {"weekday": 3, "fee_minor": 300, "title": "x"},
            {"event_moved": {"weekday": 3}, "event_fee": {"fee_minor": 300}, "event": {"title": "x"}},
        ),
        ("reopened", {"status": "active"}, {"event_returned": {"status": "active"}}),
        ("reopened", {}, {"event_returned": {}}),
        (
            "reopened", {"status": "paused", "fee_minor": 300},
            {"event_returned": {"status": "paused"}, "event_fee": {"fee_minor": 300}},
        ),
        ("joined", {"description": "y", "fee_minor": 3}, {"event_joined": {"description": "y", "fee_minor": 3}}),
        ("", {}, {}),
    ],
)  # fmt: skip
def test_e2_e3_each_kind_of_change_has_a_line_of_its_own(
    change: str, changes: dict[str, object], lines: dict[str, dict[str, object]]
) -> None:
    """So that moved weekdays, changed times, changed fees and returns can be counted per run."""
    assert tellings(change, changes) == lines
