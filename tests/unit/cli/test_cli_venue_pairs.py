"""`venues duplicates`, `merge`, `unmerge`, `not-duplicate` and `history`, from the words typed to the rows stored."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import pytest

from support.directory_desk import TUESDAY, Desk, detail, evening
from support.house import make_options
from support.postgres import recording_log, settings_for
from trivia_scraper.cli.exit_codes import ExitCode
from trivia_scraper.cli.history import in_words
from trivia_scraper.cli.venues import next_starts
from trivia_scraper.domain.directory import ChangeView, EventView
from trivia_scraper.storage.database import open_database
from trivia_scraper.storage.runs import PostgresRunLog

RUN = UUID("4f2a91c0-0000-4000-8000-000000000001")
AT = dt.datetime(2026, 9, 1, 12, tzinfo=dt.UTC)


async def two_in_one_building(desk: Desk) -> None:
    """The Crown with a story, and the Crown Tap next door: a pair that waits."""
    await desk.save(detail("first", "crown"))
    await desk.save(detail("first", "crown", events=[evening(3, "20:00", fee_minor=300)]), run_id=RUN)
    await desk.save(detail("second", "tap", name="The Crown Tap", phone="+44 113 496 0000"))


@pytest.fixture
def typed(call: Any, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Run the command line against a database that holds two pubs in one building."""
    seed(database_url, two_in_one_building)
    monkeypatch.setenv("TRIVIA_DATABASE_URL", database_url)
    return call  # type: ignore[no-any-return]


def seed(url: str, build: Callable[[Desk], Awaitable[None]]) -> None:
    async def fill() -> None:
        async with open_database(settings_for(url), recording_log()) as database:
            await build(Desk(database))

    asyncio.run(fill())


async def record_run(url: str) -> None:
    async with open_database(settings_for(url), recording_log()) as database:
        await PostgresRunLog(database, 1).start_run(RUN, make_options(), AT)


# --- pairs -------------------------------------------------------------------------------------------------------


def test_v4_duplicates_names_both_and_what_speaks_for_and_against_it(typed: Any) -> None:
    ended = typed("venues", "duplicates")
    assert ended.code == 0
    for word in ("0.89", "medium", "the-crown", "the-crown-tap", "LS1 4AB", "(first)", "(second)", "open",
                 "same postcode", "a word of the name differs"):  # fmt: skip
        assert word in ended.out
    assert ended.err == "1 pairs wait for a decision; --rescan compares all venues\n"


def test_v4_duplicates_as_json(typed: Any) -> None:
    document = typed("venues", "duplicates", "--rescan", "--json").document
    assert document["scan"] == {"compared": 1, "open": 1, "dropped": 0}
    [pair] = document["pairs"]
    assert [venue["slug"] for venue in pair["venues"]] == ["the-crown", "the-crown-tap"]
    assert (pair["state"], pair["band"], pair["decided_at"]) == ("open", "medium", None)
    assert 0.89 < pair["score"] < 0.90


def test_v4_not_duplicate_and_back(typed: Any) -> None:
    said = typed("venues", "not-duplicate", "the-crown", "the-crown-tap")
    assert said.out == "the-crown and the-crown-tap are two venues\n"
    assert typed("venues", "duplicates", "--rescan", "--json").document["pairs"] == []
    [pair] = typed("venues", "duplicates", "--all", "--json").document["pairs"]
    assert pair["state"] == "different"
    refused = typed("venues", "merge", "the-crown", "the-crown-tap")
    assert (refused.code, "--undo" in refused.err) == (ExitCode.USAGE, True)
    back = typed("venues", "not-duplicate", "the-crown", "the-crown-tap", "--undo", "--json").document
    assert (back["venues"], back["state"]) == (["the-crown", "the-crown-tap"], "open")
    assert len(typed("venues", "duplicates", "--json").document["pairs"]) == 1


def test_v5_merge_says_which_one_stays_and_what_moves(typed: Any) -> None:
    """Whichever is named first: the tap has a phone number."""
    words = ("venues", "merge", "the-crown", "the-crown-tap")
    told = typed(*words, "--dry-run").out
    assert told.startswith("would merge the-crown into the-crown-tap, which stays\n")
    assert len(typed("venues", "list", "--json").document["venues"]) == 2
    told = typed(*words, "--keep", "the-crown").out.splitlines()
    assert told == [
        "merged the-crown-tap into the-crown, which stays",
        "  evenings   1 moved, 0 known twice: the fresher one stays",
        "  listings   second:tap",
        "  filled in  phone",
        "  pictures   0 moved, 0 stay unused: that place is taken",
        "`trivia-scraper venues unmerge the-crown-tap` undoes it",
    ]


def test_v5_v6_merge_show_the_old_slug_and_unmerge(typed: Any) -> None:
    document = typed("venues", "merge", "the-crown", "the-crown-tap", "--keep", "the-crown", "--json").document
    assert (document["dry_run"], document["merge"]["winner"]) == (False, "the-crown")
    shown = typed("venues", "show", "the-crown-tap", "--json").document["venue"]
    assert (shown["slug"], len(shown["events"])) == ("the-crown", 2)
    assert len(typed("venues", "list", "--json").document["venues"]) == 1
    parted = typed("venues", "unmerge", "the-crown-tap", "--json").document["unmerge"]
    assert parted == {
        "winner": "the-crown", "loser": "the-crown-tap", "events": 1, "listings": ["second:tap"], "images": 0,
    }  # fmt: skip
    assert len(typed("venues", "list", "--json").document["venues"]) == 2
    again = typed("venues", "unmerge", "the-crown-tap")
    assert (again.code, "venue of its own" in again.err) == (ExitCode.USAGE, True)


def test_v5_deeds_are_logged(typed: Any) -> None:
    """Each by the name of its event, with both venues."""
    deeds = (
        (("merge", "the-crown", "the-crown-tap"), "venue.merged"),
        (("unmerge", "the-crown"), "venue.unmerged"),
        (("not-duplicate", "the-crown", "the-crown-tap"), "venue.pair_decided"),
    )
    for words, event in deeds:
        logged = typed("venues", *words, "--log-format", "json").err
        assert f'"{event}"' in logged
        assert "the-crown-tap" in logged


@pytest.mark.parametrize(
    "words",
    [
        ("merge", "the-crwn", "the-crown-tap"),
        ("unmerge", "the-crwn"),
        ("not-duplicate", "the-crwn", "the-crown-tap"),
        ("history", "the-crwn"),
    ],
)
def test_o32_an_unknown_slug_names_the_nearest(typed: Any, words: tuple[str, ...]) -> None:
    ended = typed("venues", *words)
    assert (ended.code, ended.out) == (ExitCode.USAGE, "")
    assert "did you mean the-crown" in ended.err


# --- stories -----------------------------------------------------------------------------------------------------


def test_history_tells_a_story(typed: Any) -> None:
    typed("venues", "merge", "the-crown", "the-crown-tap", "--keep", "the-crown")
    ended = typed("venues", "history", "the-crown-tap")
    assert ended.code == 0
    story = ended.out
    for words in ("took in the-crown-tap: 1 evenings, 1 listings, 0 pictures", "merged into the-crown",
                  "moved from Tue to Wed, starts 20:00 instead of 19:30", "fee £2 → £3", "4f2a91c0"):  # fmt: skip
        assert words in story
    assert story.index("took in") < story.index("moved from")


def test_history_of_a_run_and_its_limit(typed: Any, database_url: str) -> None:
    asyncio.run(record_run(database_url))
    changes = typed("venues", "history", "--run", "4f2a", "--json").document["changes"]
    assert sorted(change["kind"] for change in changes) == ["event_fee", "event_moved"]
    assert {change["run_id"] for change in changes} == {str(RUN)}
    [moved] = [change for change in changes if change["kind"] == "event_moved"]
    assert (moved["before"], moved["after"]) == (
        {"weekday": 2, "start_time": "19:30:00"}, {"weekday": 3, "start_time": "20:00:00"},
    )  # fmt: skip
    assert len(typed("venues", "history", "the-crown", "--limit", "1", "--json").document["changes"]) == 1


@pytest.mark.parametrize(
    ("words", "message"),
    [((), "name a venue, or a run"), (("--run", "ffff"), "no run begins with 'ffff'")],
)
def test_history_refusals(typed: Any, words: tuple[str, ...], message: str) -> None:
    ended = typed("venues", "history", *words)
    assert (ended.code, message in ended.err) == (ExitCode.USAGE, True)


def test_history_tells_how_a_listing_was_recognised(typed: Any, database_url: str) -> None:
    async def joined(desk: Desk) -> None:
        await desk.save(detail("third", "17", events=[TUESDAY], name="Crown Tavern", address=None))

    seed(database_url, joined)
    story = typed("venues", "history", "the-crown").out
    assert "listing 17 recognised as this venue: alike, 100% sure" in story
    assert "first seen: listing crown " in story


def change(kind: str, before: dict[str, Any], after: dict[str, Any]) -> ChangeView:
    return ChangeView(AT, None, "the-crown", "first", kind, 1, "Quiz", 2, "19:30", "GBP", before, after)


@pytest.mark.parametrize(
    ("kind", "before", "after", "words"),
    [
        ("event_moved", {"weekday": 2}, {"weekday": 3}, "moved from Tue to Wed"),
        ("event_time", {"start_time": "20:00:00"}, {"start_time": "19:30:00"}, "starts 19:30 instead of 20:00"),
        ("event_fee", {"fee_minor": 200, "currency": "GBP"}, {"fee_minor": 300, "currency": "GBP"}, "fee £2 → £3"),
        ("event_fee", {"fee_minor": 250}, {"fee_minor": 0}, "fee £2.50 → free"),
        ("event_fee", {"fee_minor": None, "currency": "AED"}, {"fee_minor": 5000, "currency": "AED"},
         "fee not stated → 50 AED"),
        ("event_fee", {"currency": "GBP"}, {"currency": "EUR"}, "fee now in EUR"),
        ("event_status", {"status": "active"}, {"status": "cancelled_once"}, "active → cancelled once"),
        ("event_added", {}, {"weekday": 4, "start_time": "20:00:00", "title": "x"}, "new evening: Thu 20:00"),
        ("event_closed", {"status": "active"}, {"status": "closed"}, "closed: its page no longer lists it"),
        ("vanished", {"status": "active"}, {"status": "closed"}, "vanished: no longer listed"),
        ("event_returned", {"status": "closed"}, {"status": "active"}, "returned"),
        ("event_returned", {"status": "closed"}, {"status": "paused"}, "returned, paused"),
        ("event_joined", {"description": None}, {"description": "Six rounds"},
         "shown by first too: description unknown → Six rounds"),
        ("event", {"title": "A", "performer_id": 1}, {"title": "B", "performer_id": 2}, "title A → B, another host"),
        ("event", {"ordinals": []}, {"ordinals": [1, 3]}, "weeks of the month none → 1, 3"),
        ("event", {"hero_url": None}, {"hero_url": "https://x.example/a.jpg"}, "a picture"),
        ("event_left", {}, {}, "no longer shown by first"),
        ("listing_recognised", {}, {"key": "17", "rule": "name_postcode", "confidence": 1.0},
         "listing 17 recognised as this venue: same name and postcode, 100% sure"),
        ("venue", {"phone": None, "name_key": "a"}, {"phone": "1", "name_key": "b"}, "phone unknown → 1"),
        ("venue_different", {}, {"other": "the-mill"}, "called different from the-mill"),
        ("venue_unmerged", {}, {"from": "the-mill"}, "a venue of its own again, apart from the-mill"),
        ("something_new", {}, {}, "something new"),
    ],
)  # fmt: skip
def test_a_change_in_words(kind: str, before: dict[str, Any], after: dict[str, Any], words: str) -> None:
    assert in_words(change(kind, before, after)) == words


# --- evenings to come --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "days"),
    [
        ({}, ["2026-09-02", "2026-09-09", "2026-09-16"]),
        ({"frequency": "monthly", "ordinals": (2,)}, ["2026-09-09", "2026-10-14", "2026-11-11"]),
        ({"frequency": "biweekly"}, []),
        ({"frequency": "biweekly", "next_date": dt.date(2026, 9, 9)}, ["2026-09-09", "2026-09-23", "2026-10-07"]),
        ({"status": "paused"}, []),
        ({"status": "closed"}, []),
    ],
)
def test_show_tells_the_next_three_evenings(changes: dict[str, Any], days: list[str]) -> None:
    """In the venue's zone, by its wall clock; nothing is guessed."""
    stated: dict[str, Any] = {
        "id": 1, "title": "Quiz", "weekday": 3, "start_time": "20:00", "end_time": None, "frequency": "weekly",
        "ordinals": (), "fee_minor": None, "currency": "GBP", "status": "active", "performer": None,
        "description": None, "sources": (),
    }  # fmt: skip
    starts = next_starts(EventView(**{**stated, **changes}), "Europe/London", AT)
    assert [f"{start:%Y-%m-%d}" for start in starts] == days
    assert all(f"{start:%H:%M}" == "20:00" for start in starts)


def test_show_says_when_next(typed: Any) -> None:
    assert "\n    next       20" in typed("venues", "show", "the-crown").out
    document = typed("venues", "show", "the-crown", "--json").document
    [event] = document["venue"]["events"]
    assert len(document["next_starts"][str(event["id"])]) == 3
