"""One detail, one transaction: facts, evenings and sightings over repeated saves (sources.md E1-E7, V1)."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest

from support.directory_desk import NOON, TUESDAY, Desk, detail, evening
from trivia_scraper.domain.catalog import SavedDetail
from trivia_scraper.domain.directory import EventView
from trivia_scraper.domain.errors import RowRejected
from trivia_scraper.domain.models import EventFacts, EventStatus, Frequency
from trivia_scraper.domain.outcomes import DetailOutcomeKind
from trivia_scraper.storage.database import Database

CREATED, UPDATED, UNCHANGED = DetailOutcomeKind.CREATED, DetailOutcomeKind.UPDATED, DetailOutcomeKind.UNCHANGED


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(database)


def slots(events: Sequence[EventView]) -> list[tuple[int, str]]:
    return [(event.weekday, event.start_time) for event in events]


async def state(desk: Desk) -> tuple[object, ...]:
    """Everything that saving nothing new must leave alone: facts with their stamps, events, the story."""
    return tuple([await desk.rows(table) for table in ("venues", "events", "performers", "changes")])


# --- the same again ----------------------------------------------------------------------------------------------


async def test_saving_the_same_twice_changes_nothing_but_stamps(desk: Desk) -> None:
    """Idempotent: unchanged, no line of the story, `updated_at` unmoved; only seen and processed move (E4)."""
    said = detail(performer="Ann Other", phone="+44 113 496 0000")
    first = await desk.save(said)
    before, sighting = await state(desk), (await desk.only_running()).sources[0]
    second = await desk.save(said)
    assert (first.kind, second.kind) == (CREATED, UNCHANGED)
    assert (first.changes, second.changes) == ((), ())
    assert await state(desk) == before
    again = (await desk.only_running()).sources[0]
    assert again.first_seen_at == sighting.first_seen_at
    assert again.last_seen_at > sighting.last_seen_at
    assert again.last_processed_at == again.last_seen_at


async def test_a_save_repeated_after_an_unknown_commit_is_not_a_second_story(desk: Desk) -> None:
    """F31: the retry loop sends the very same save again; the evening is there once, the change told once."""
    await desk.save(detail())
    said = detail(events=[evening(3, "20:00")])
    claim = await desk.claim(said)
    for _ in range(3):
        await desk.save(said, claim)
    assert slots(await desk.running()) == [(3, "20:00")]
    assert await desk.change_kinds() == ["event_moved"]


async def test_one_save_by_two_tasks_at_once_is_one(desk: Desk) -> None:
    said = detail(performer="Ann Other")
    claim = await desk.claim(said)
    saved = await asyncio.gather(*(desk.save(said, claim) for _ in range(8)))
    assert sorted(each.kind for each in saved) == sorted([CREATED] + [UNCHANGED] * 7)
    assert len(await desk.rows("events")) == len(await desk.rows("event_sources")) == 1
    assert await desk.change_kinds() == []


# --- E3: null never erases ---------------------------------------------------------------------------------------


async def test_e3_null_never_erases_what_is_known(desk: Desk) -> None:
    """E3: a fact that is not stated this time stays, for venue and evening alike."""
    full = detail(
        performer="Ann Other",
        events=[evening(2, "19:30", fee_minor=300, description="Six rounds", end_time=dt.time(22))],
        phone="+44 113 496 0000", website="https://crown.example", facebook="https://facebook.com/crown",
        instagram="https://instagram.com/crown", region="West Yorkshire",
    )  # fmt: skip
    await desk.save(full)
    before = await state(desk)
    bare = detail(
        events=[evening(2, "19:30", fee_minor=None)],
        address=None, street=None, city=None, postcode=None, latitude=None, longitude=None,
    )  # fmt: skip
    assert (await desk.save(bare)).kind is UNCHANGED
    assert await state(desk) == before


async def test_e3_an_empty_text_erases_as_little_as_null(desk: Desk) -> None:
    """R48."""
    await desk.save(detail(phone="+44 113 496 0000"))
    before = await state(desk)
    assert (await desk.save(detail(phone="", website=""))).kind is UNCHANGED
    assert await state(desk) == before


async def test_e3_a_stated_free_evening_is_not_null(desk: Desk) -> None:
    """F1: 0 is a fee that was stated; it replaces one that was paid."""
    await desk.save(detail())
    assert (await desk.save(detail(events=[replace(TUESDAY, fee_minor=0)]))).kind is UPDATED
    assert (await desk.only_running()).fee_minor == 0


async def test_changed_facts_are_told_with_before_and_after(desk: Desk) -> None:
    await desk.save(detail(phone="+44 113 496 0000"))
    before = await desk.only_venue()
    saved = await desk.save(detail(phone="+44 113 496 0001", name="The Crown Inn"))
    assert (saved.kind, saved.changes) == (UPDATED, ("venue",))
    now = await desk.only_venue()
    assert (now.slug, now.name, now.phone) == ("the-crown", "The Crown Inn", "+44 113 496 0001")
    assert now.updated_at > before.updated_at
    [change] = await desk.rows("changes")
    assert (change["before"]["phone"], change["after"]["phone"]) == ("+44 113 496 0000", "+44 113 496 0001")


@pytest.mark.parametrize(
    ("change", "field", "shown"),
    [
        ({"frequency": Frequency.MONTHLY, "ordinals": (1, 3)}, "ordinals", (1, 3)),
        ({"fee_minor": 500}, "fee_minor", 500),
        ({"description": "Seven rounds"}, "description", "Seven rounds"),
        ({"status": EventStatus.PAUSED}, "status", "paused"),
        ({"end_time": dt.time(22, 30)}, "end_time", "22:30"),
        ({"title": "Quiz & Curry"}, "title", "Quiz & Curry"),
    ],
    ids=["frequency", "fee", "description", "status", "end time", "title"],
)
async def test_e3_a_changed_fact_updates_the_same_event(
    desk: Desk, change: dict[str, Any], field: str, shown: object
) -> None:
    await desk.save(detail())
    before = await desk.only_running()
    changed = evening(2, "19:30", **change)
    assert (await desk.save(detail(events=[changed]))).kind is UPDATED
    now = await desk.only_running()
    assert (now.id, getattr(now, field)) == (before.id, shown)
    assert (await desk.save(detail(events=[changed]))).kind is UNCHANGED


# --- E2: evenings that move, come and go -------------------------------------------------------------------------


async def test_e2_a_changed_time_updates_the_event(desk: Desk) -> None:
    await desk.save(detail())
    before = await desk.only_running()
    assert (await desk.save(detail(events=[evening(2, "20:00")]))).changes == ("event_time",)
    now = await desk.only_running()
    assert (now.id, now.start_time) == (before.id, "20:00")
    assert len(now.sources) == 1


async def test_e2_a_changed_weekday_moves_the_event(desk: Desk) -> None:
    await desk.save(detail())
    before = await desk.only_running()
    assert (await desk.save(detail(events=[evening(4, "19:30")]))).changes == ("event_moved",)
    now = await desk.only_running()
    assert (now.id, now.weekday) == (before.id, 4)
    assert len((await desk.only_venue()).events) == 1  # nothing is left behind, closed or running


async def test_e2_several_evenings_under_one_key_close_and_come(desk: Desk) -> None:
    """E2: weekdays no longer listed close, new ones are added, those that stay keep their row: in the same run."""
    await desk.save(detail(events=[evening(1, "19:00"), evening(2, "19:30"), evening(5, "20:00")]))
    monday, tuesday, friday = await desk.running()
    saved = await desk.save(detail(events=[evening(2, "19:30"), evening(4, "20:30")]))
    assert sorted(saved.changes) == ["event_added", "event_closed", "event_closed"]
    stays, new = await desk.running()
    assert (stays.id, new.weekday) == (tuesday.id, 4)
    assert new.id not in (monday.id, friday.id)
    closed = {event.id for event in (await desk.only_venue()).events if event.status == "closed"}
    assert closed == {monday.id, friday.id}


async def test_e2_a_closed_evening_that_is_listed_again_is_the_same_event(desk: Desk) -> None:
    await desk.save(detail(events=[evening(1, "19:00"), evening(2, "19:30")]))
    monday, _ = await desk.running()
    await desk.save(detail(events=[evening(2, "19:30")]))
    saved = await desk.save(detail(events=[evening(1, "19:00"), evening(2, "19:30")]))
    assert saved.changes == ("event_returned",)
    back, _ = await desk.running()
    assert (back.id, back.status) == (monday.id, "active")


async def test_e1_two_evenings_on_one_weekday_are_two_events_and_may_shift(desk: Desk) -> None:
    """E1; the unique slot holds at every moment, also when one evening takes the other's hour."""
    await desk.save(detail(events=[evening(2, "19:00"), evening(2, "20:00")]))
    assert slots(await desk.running()) == [(2, "19:00"), (2, "20:00")]
    await desk.save(detail(events=[evening(2, "20:00"), evening(2, "21:00")]))
    assert slots(await desk.running()) == [(2, "20:00"), (2, "21:00")]
    await desk.save(detail(events=[evening(2, "19:00"), evening(2, "20:00"), evening(2, "21:00")]))
    assert slots(await desk.running()) == [(2, "19:00"), (2, "20:00"), (2, "21:00")]


async def test_e1_an_evening_stated_twice_is_stored_once(desk: Desk) -> None:
    await desk.save(detail(events=[TUESDAY, replace(TUESDAY, title="Said again")]))
    assert (await desk.only_running()).title == "Quiz Night"


# --- E5: only what was read --------------------------------------------------------------------------------------


async def test_e5_only_the_sightings_of_this_key_are_touched(desk: Desk) -> None:
    """E5: another listing of the same pub, of the same source, keeps its evening, its stamps and its row."""
    await desk.save(detail(key="upstairs", events=[evening(2, "19:30")]))
    await desk.save(detail(key="downstairs", events=[evening(4, "20:00")]))
    up, down = await desk.running()
    stored = [row for row in await desk.rows("event_sources") if row["key"] == "downstairs"]
    await desk.save(detail(key="upstairs", events=[evening(3, "19:30")]))
    moved, same = await desk.running()
    assert (moved.id, moved.weekday, same) == (up.id, 3, down)
    assert [row for row in await desk.rows("event_sources") if row["key"] == "downstairs"] == stored


async def test_e5_a_listing_without_evenings_closes_only_its_own(desk: Desk) -> None:
    await desk.save(detail(key="upstairs", events=[evening(2, "19:30")]))
    await desk.save(detail(key="downstairs", events=[evening(4, "20:00")]))
    await desk.save(detail(key="upstairs", events=[]))
    assert slots(await desk.running()) == [(4, "20:00")]


# --- two sources, one pub ----------------------------------------------------------------------------------------

FIRST = detail("first", "crown", phone=None, website="https://crown.example", performer="Ann Other")
SECOND = detail(
    "second", "17",
    events=[replace(TUESDAY, fee_minor=None, title="The Big Quiz", description="Six rounds")],
    name="Crown", address="12 High St, Leeds", phone="+44 113 496 0000", website="https://second.example/crown",
    performer="Bob Elsewhere",
)  # fmt: skip


async def alternate(desk: Desk, times: int) -> list[SavedDetail]:
    return [await desk.save(said) for _ in range(times) for said in (FIRST, SECOND)]


async def test_two_sources_show_one_event_with_two_sightings(desk: Desk) -> None:
    """When day and time agree it is one evening, whoever tells of it."""
    await alternate(desk, 1)
    event = await desk.only_running()
    assert {(sighting.source, sighting.url) for sighting in event.sources} == {
        ("first", "https://first.example/crown"),
        ("second", "https://second.example/17"),
    }
    assert await desk.change_kinds() == ["venue", "event_joined"]


async def test_facts_belong_to_the_first_source_and_the_second_fills_gaps(desk: Desk) -> None:
    """Without ownership two spellings of one pub would overwrite each other for ever."""
    await alternate(desk, 1)
    venue, event = await desk.only_venue(), await desk.only_running()
    assert (venue.name, venue.address, venue.website) == (
        "The Crown",
        "12 High Street, Leeds LS1 4AB",
        "https://crown.example",
    )
    assert venue.phone == "+44 113 496 0000"
    assert (event.title, event.fee_minor, event.performer) == ("Quiz Night", 200, "Ann Other")
    assert event.description == "Six rounds"


async def test_four_alternating_saves_do_not_flap(desk: Desk) -> None:
    await alternate(desk, 1)
    before = await state(desk)
    saved = await alternate(desk, 4)
    assert {(each.kind, each.changes) for each in saved} == {(UNCHANGED, ())}
    assert await state(desk) == before


async def test_the_owner_may_correct_what_the_second_source_filled_in(desk: Desk) -> None:
    await alternate(desk, 1)
    corrected = replace(FIRST, venue=replace(FIRST.venue, phone="+44 113 496 0009"))
    assert (await desk.save(corrected)).kind is UPDATED
    assert (await desk.save(SECOND)).kind is UNCHANGED
    assert (await desk.only_venue()).phone == "+44 113 496 0009"


async def test_two_sources_that_disagree_on_the_hour_show_two_events(desk: Desk) -> None:
    await desk.save(FIRST)
    await desk.save(replace(SECOND, events=(evening(2, "20:00"),)))
    assert slots(await desk.running()) == [(2, "19:30"), (2, "20:00")]


async def test_both_sources_at_once_make_one_event(desk: Desk) -> None:
    """The venue's row is locked for a save: the second one sees the first one's evening."""
    claims = [await desk.claim(said) for said in (FIRST, SECOND)]
    await asyncio.gather(*(desk.save(said, claim) for said, claim in zip((FIRST, SECOND), claims, strict=True)))
    assert len((await desk.only_running()).sources) == 2


async def test_an_evening_that_another_source_still_shows_is_left_not_closed(desk: Desk) -> None:
    """E6: one source taking it off its page takes its own sighting only."""
    await alternate(desk, 1)
    await desk.save(replace(SECOND, events=()))
    event = await desk.only_running()
    assert [sighting.source for sighting in event.sources] == ["first"]
    assert event.status == "active"


async def test_e2_an_evening_that_the_owner_left_follows_the_source_that_still_shows_it(desk: Desk) -> None:
    """E2: its first source no longer lists the evening; the one that does changes its time and its fee."""
    await alternate(desk, 1)
    shared = await desk.only_running()
    await desk.save(replace(FIRST, events=(evening(5, "19:30"),)))
    await desk.save(replace(SECOND, events=(evening(2, "20:30", fee_minor=600),)))
    tuesday, friday = await desk.running()
    assert (friday.weekday, [sighting.source for sighting in friday.sources]) == (5, ["first"])
    assert (tuesday.id, [sighting.source for sighting in tuesday.sources]) == (shared.id, ["second"])
    assert (tuesday.start_time, tuesday.fee_minor) == ("20:30", 600)


# --- all or nothing ----------------------------------------------------------------------------------------------


async def test_a_refused_row_leaves_nothing_of_its_detail(desk: Desk) -> None:
    """One transaction: an evening that the database refuses takes venue and sightings back with it."""
    said = detail(events=[TUESDAY, evening(9, "19:30")], performer="Ann Other")
    claim = await desk.claim(said)
    with pytest.raises(RowRejected, match="weekday"):
        await desk.save(said, claim)
    assert await desk.venues() == []
    assert await desk.rows("events") == await desk.rows("event_sources") == await desk.rows("changes") == []
    assert (await desk.save(detail(performer="Ann Other"))).kind is CREATED


async def test_stamps_are_the_times_that_were_handed_in(desk: Desk) -> None:
    """Time is a parameter: nothing reads the server's clock."""
    await desk.save(detail())
    venue, event = await desk.only_venue(), await desk.only_running()
    stamps = {venue.created_at, venue.updated_at, event.sources[0].first_seen_at, event.sources[0].last_seen_at}
    assert all(NOON < stamp < NOON + dt.timedelta(hours=1) for stamp in stamps)


async def test_e6_missed_three_times_by_one_source_an_event_of_two_stays(desk: Desk) -> None:
    """E6: it closes only when nobody shows it any more."""
    await alternate(desk, 1)
    for _ in range(3):
        assert await desk.catalog.miss_vanished("first", [], uuid4(), 3, desk.next_minute()) == 0
    assert (await desk.only_running()).status == "active"
    closed = [await desk.catalog.miss_vanished("second", [], uuid4(), 3, desk.next_minute()) for _ in range(3)]
    assert closed == [0, 0, 1]
    assert await desk.running() == []


async def test_e6_a_miss_counts_once_a_run(desk: Desk) -> None:
    """The retry loop may send it twice; "seen" in between starts the count anew."""
    await desk.save(detail("first"))
    run = uuid4()
    for _ in range(5):
        assert await desk.catalog.miss_vanished("first", [], run, 3, desk.next_minute()) == 0
    await desk.catalog.miss_vanished("first", [], uuid4(), 3, desk.next_minute())
    await desk.catalog.touch_seen("first", ["crown"], desk.next_minute())
    for _ in range(2):
        assert await desk.catalog.miss_vanished("first", [], uuid4(), 3, desk.next_minute()) == 0
    assert (await desk.only_running()).status == "active"


# --- the story of a venue -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "kinds"),
    [
        (evening(4, "19:30"), ("event_moved",)),
        (evening(4, "20:00"), ("event_moved",)),
        (evening(2, "20:00"), ("event_time",)),
        (evening(2, "19:30", fee_minor=300), ("event_fee",)),
        (evening(2, "19:30", fee_minor=0), ("event_fee",)),
        (evening(2, "19:30", status=EventStatus.PAUSED), ("event_status",)),
        (evening(2, "19:30", title="Quiz & Curry"), ("event",)),
        (evening(4, "20:00", fee_minor=300, title="Quiz & Curry"), ("event_moved", "event_fee", "event")),
    ],
)
async def test_e2_e3_each_kind_of_change_is_a_row_of_its_own(
    desk: Desk, now: EventFacts, kinds: tuple[str, ...]
) -> None:
    """So that a run's moved weekdays, changed times and changed fees can be counted."""
    await desk.save(detail())
    run = uuid4()
    saved = await desk.save(detail(events=[now]), run_id=run)
    assert set(saved.changes) == set(kinds)
    rows = await desk.rows("changes")
    assert {(row["kind"], row["run_id"]) for row in rows} == {(kind, run) for kind in kinds}
    assert all(set(row["before"]) == set(row["after"]) for row in rows)


async def test_e6_vanished_and_returned_are_told(desk: Desk) -> None:
    await desk.save(detail())
    for _ in range(3):
        await desk.catalog.miss_vanished("first", [], uuid4(), 3, desk.next_minute())
    await desk.save(detail(events=[replace(TUESDAY, fee_minor=300)]))
    assert await desk.change_kinds() == ["vanished", "event_returned", "event_fee"]
    returned = (await desk.rows("changes"))[1]
    assert (returned["before"], returned["after"]) == ({"status": "closed"}, {"status": "active"})


async def test_e5_the_one_tun_that_moves_every_week_has_one_evening(desk: Desk) -> None:
    """sources.md 3.4: it changed its weekday several times and ended with evenings on days 1, 2 and 4."""
    upstairs = detail(key="upstairs", events=[evening(6, "18:00")])
    await desk.save(upstairs)
    for weekday in (1, 2, 4, 2, 4):
        await desk.save(detail(key="one-tun", events=[evening(weekday, "19:30")]))
    assert slots(await desk.running()) == [(4, "19:30"), (6, "18:00")]
    assert len((await desk.only_venue()).events) == 2
    assert (await desk.change_kinds()).count("event_moved") == 4
    tun, other = await desk.running()
    assert tun.sources[0].last_seen_at > other.sources[0].last_seen_at


async def test_two_providers_one_pub_one_venue_two_sightings_or_two_events(desk: Desk) -> None:
    """The issue's own words: evenings that differ are two events, one evening has two sightings."""
    await desk.save(FIRST)
    await desk.save(replace(SECOND, events=(*SECOND.events, evening(4, "20:00"))))
    tuesday, thursday = await desk.running()
    assert [len(event.sources) for event in (tuesday, thursday)] == [2, 1]
    assert len(await desk.venues()) == 1


async def test_e3_the_next_date_moves_without_being_a_change(desk: Desk) -> None:
    """A source that lists next dates would otherwise report every evening as updated once a week."""
    await desk.save(detail(events=[evening(2, "19:30", next_date=dt.date(2026, 9, 8))]))
    again = await desk.save(detail(events=[evening(2, "19:30", next_date=dt.date(2026, 9, 15))]))
    assert (again.kind, again.changes) == (UNCHANGED, ())
    assert [row["next_date"] for row in await desk.rows("events")] == [dt.date(2026, 9, 15)]


async def test_5_6_of_two_keys_of_one_source_the_first_states_the_facts(desk: Desk) -> None:
    """Two ids of one pub with different words overwrite nothing; when the first is gone, the second speaks."""
    first, second = detail(phone="+44 113 496 0000"), detail(key="crown-2", phone="+44 113 496 0999")
    await desk.save(first)
    for said in (second, first, second):
        assert (await desk.save(said)).kind is UNCHANGED
    assert (await desk.only_venue()).phone == "+44 113 496 0000"
    async with desk._database.acquire() as session:
        await session.connection.execute("UPDATE event_sources SET misses = 1 WHERE key = 'crown'")
    assert (await desk.save(second)).kind is UPDATED
    assert (await desk.only_venue()).phone == "+44 113 496 0999"


async def miss(desk: Desk, source: str, seen: Sequence[str] = (), times: int = 1) -> int:
    """Complete runs of a source that show only these keys; how many events they close."""
    return sum([await desk.catalog.miss_vanished(source, seen, uuid4(), 3, desk.next_minute()) for _ in range(times)])


async def test_e6_an_event_of_two_closes_when_both_have_missed_it_three_times(desk: Desk) -> None:
    """A single miss of the other source is no disappearance."""
    await alternate(desk, 1)
    await miss(desk, "second")
    assert await miss(desk, "first", times=4) == 0
    assert [sighting.source for sighting in (await desk.only_running()).sources] == ["second"]
    assert await miss(desk, "second", times=2) == 1


async def test_e2_a_source_that_leaves_a_shared_evening_is_told(desk: Desk) -> None:
    """Another hour at one of two sources: its evening is new, and the old one's story says who left it."""
    await alternate(desk, 1)
    saved = await desk.save(replace(SECOND, events=(evening(2, "20:00"),)))
    assert saved.changes == ("event_left", "event_added")
    left = next(row for row in await desk.rows("changes") if row["kind"] == "event_left")
    assert (left["source"], left["event_id"]) == ("second", (await desk.running())[0].id)


async def test_e6_a_source_that_vanishes_from_a_shared_evening_is_told_once(desk: Desk) -> None:
    await alternate(desk, 1)
    await miss(desk, "first", times=5)
    left = [row for row in await desk.rows("changes") if row["kind"] == "event_left"]
    assert [row["source"] for row in left] == ["first"]


async def test_e6_a_renamed_page_leaves_nothing(desk: Desk) -> None:
    """The source still shows the evening, under another key."""
    await desk.save(detail(key="old-page"))
    await desk.save(detail(key="new-page"))
    await miss(desk, "first", ["new-page"], times=4)
    assert [sighting.url for sighting in (await desk.only_running()).sources] == ["https://first.example/new-page"]
    assert await desk.change_kinds() == []


async def test_0008_a_source_that_shows_nothing_there_any_more_states_no_facts(desk: Desk) -> None:
    """Its evenings vanished; the source that still comes corrects what it said, and keeps the word."""
    first = detail("first", phone="+44 113 496 0000")
    second = detail("second", "x", events=[evening(4, "20:00")], phone="+44 113 496 0999")
    await desk.save(first)
    assert (await desk.save(second)).changes == ("event_added",)
    await miss(desk, "first", times=3)
    assert (await desk.save(second)).changes == ("venue",)
    assert (await desk.only_venue()).phone == "+44 113 496 0999"
    for said in (first, second, first):
        assert "venue" not in (await desk.save(said)).changes
    assert (await desk.only_venue()).phone == "+44 113 496 0999"


async def test_0008_a_listing_without_evenings_takes_nothing_over(desk: Desk) -> None:
    await desk.save(detail("first", phone="+44 113 496 0000", events=()))
    await desk.save(detail("second", "x", phone="+44 113 496 0999", events=()))
    assert (await desk.only_venue()).phone == "+44 113 496 0000"


async def test_5_6_a_key_whose_evenings_are_closed_states_no_facts(desk: Desk) -> None:
    """A closed evening keeps its sighting for the story: that is not being shown."""
    second = detail(key="crown-2", events=[evening(5, "19:30")], phone="+44 113 496 0999")
    await desk.save(detail(phone="+44 113 496 0000"))
    await desk.save(second)
    await desk.save(detail(phone="+44 113 496 0000", events=()))
    await desk.save(second)
    assert (await desk.only_venue()).phone == "+44 113 496 0999"


async def test_e3_a_next_date_that_has_passed_is_anybodys_to_renew(desk: Desk) -> None:
    """The owner never states one: what the second source filled in would stay for ever."""
    await desk.save(FIRST)
    steps = (
        (dt.date(2026, 8, 25), 25),
        (dt.date(2026, 8, 18), 25),
        (dt.date(2026, 9, 15), 15),
        (dt.date(2026, 9, 22), 15),
    )
    for stated, day in steps:
        await desk.save(replace(SECOND, events=(evening(2, "19:30", next_date=stated),)))
        assert [row["next_date"].day for row in await desk.rows("events")] == [day]


async def test_e7_who_joins_and_fills_nothing_in_is_told_and_a_second_page_is_not(desk: Desk) -> None:
    await desk.save(detail("first"))
    assert (await desk.save(detail("first", "crown-2"))).changes == ()
    assert (await desk.save(detail("second", "17"))).changes == ("event_joined",)
    assert (await desk.save(detail("second", "17"))).changes == ()


@pytest.mark.parametrize("ending", ["event_closed", "vanished"])
async def test_e6_a_paused_evening_that_ends_was_paused(desk: Desk, ending: str) -> None:
    await desk.save(detail(events=[replace(TUESDAY, status=EventStatus.PAUSED)]))
    if ending == "vanished":
        await miss(desk, "first", times=3)
    else:
        await desk.save(detail(events=()))
    [told] = await desk.rows("changes")
    assert (told["kind"], told["before"], told["after"]) == (ending, {"status": "paused"}, {"status": "closed"})
