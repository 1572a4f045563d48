"""Two venues become one (V5): everything the loser had moves to the winner in one transaction, and is written down.

What moved is written down by `storage.merge_record`. Files stay where they lie: a key is a path, not an owner.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import asdict

from asyncpg import Record as Row

from trivia_scraper.domain.directory import MergeReport
from trivia_scraper.domain.errors import SetupError
from trivia_scraper.policy.duplicates import confidence
from trivia_scraper.policy.venue_merging import (
    EventMeeting,
    EventMoves,
    EventRecord,
    VenueRecord,
    fill_gaps,
    plan_events,
    stays_first,
)
from trivia_scraper.storage.database import Database
from trivia_scraper.storage.duplicates import candidate_of, note_pair
from trivia_scraper.storage.merge_record import (
    Moved,
    differences,
    follow_images,
    lock_images,
    pair_changes,
    snapshot,
    trade_images,
)
from trivia_scraper.storage.sessions import Session
from trivia_scraper.storage.telling import tell_by_hand
from trivia_scraper.storage.venue_slugs import venues_called


class _OnlyLooked(Exception):
    """Ends the transaction of a dry run without storing anything."""


async def merge_venues(
    database: Database, left: str, right: str, at: dt.datetime, *, keep: str | None = None, dry_run: bool = False
) -> MergeReport:
    """Make one venue of two. The more complete record stays unless `keep` names the one that shall.

    A dry run does all of it and rolls back. Raises SetupError for unknown slugs, one venue named twice, a venue that
    is merged already, a pair that a person has called different; StorageUnavailable when rows are in use elsewhere.
    """
    report: MergeReport | None = None
    try:
        async with database.transaction() as session:
            report = await _merge(session, left, right, at, keep)
            if dry_run:
                raise _OnlyLooked
    except _OnlyLooked:
        pass
    assert report is not None
    return report


async def _merge(session: Session, left: str, right: str, at: dt.datetime, keep: str | None) -> MergeReport:
    # The lock of claims: no listing is matched with a venue that is just going away.
    await session.execute("catalog/lock_identity")
    await session.execute("merging/use_utc")
    named = await venues_called(session, (left, right))
    await _refuse_different(session, named)
    ids = sorted(row["id"] for row in named)
    await lock_images(session, ids)
    venues = {row["id"]: row for row in await session.fetch("merging/lock_venues", ids)}
    winner, loser = _choose(named, venues, keep)
    sightings = await session.fetch("merging/lock_sightings", ids)
    events = await session.fetch("merging/lock_events", ids)
    pairs = await session.fetch("merging/pairs_of", ids)
    event_ids = [row["id"] for row in events]
    before = await snapshot(session, ids, event_ids)

    moved = Moved()
    facts = fill_gaps(venues[winner["id"]]["record"], venues[loser["id"]]["record"])
    await _hand_over(session, winner, loser, facts, at, moved)
    records = _event_records(events, sightings)
    moves = await _move_events(session, winner, loser, records, sightings, at, moved)
    await _settle_pair(session, winner, loser, at)

    changed = differences(before, await snapshot(session, ids, event_ids))
    document = {"rows": changed, **asdict(moved), "pairs": await pair_changes(session, ids, pairs)}
    await session.execute("merging/record", winner["id"], loser["id"], at, document)
    shown = await session.fetchval("merging/images_shown", [*moved.images, *(came for came, _ in moved.traded)])
    report = MergeReport(
        winner=winner["slug"],
        loser=loser["slug"],
        facts=tuple(facts),
        events_moved=sum(records[event_id].open for event_id in moves.move),
        events_closed=len(moves.meet),
        listings=tuple(":".join(key) for key in moved.keys),
        images_moved=shown,
        images_left=await session.fetchval("merging/images_left", loser["id"]),
    )
    await _tell(session, winner, loser, report, at)
    return report


async def _refuse_different(session: Session, named: tuple[Row, Row]) -> None:
    one, other = named
    if await session.fetchval("duplicates/pair_state", one["id"], other["id"]) == "different":
        raise SetupError(
            f"a person has called {one['slug']} and {other['slug']} different",
            hint=f"`trivia-scraper venues not-duplicate {one['slug']} {other['slug']} --undo` takes that back",
        )


def _choose(named: tuple[Row, Row], venues: Mapping[int, Row], keep: str | None) -> tuple[Row, Row]:
    one, other = named
    if keep is not None:
        for winner, loser in ((one, other), (other, one)):
            if keep == winner["slug"]:
                return winner, loser
        raise SetupError(f"{keep!r} is neither of the two", hint=f"keep {one['slug']} or {other['slug']}")
    first, second = (_venue_record(venues[row["id"]]) for row in named)
    return (one, other) if stays_first(first, second) else (other, one)


def _venue_record(row: Row) -> VenueRecord:
    return VenueRecord(row["id"], row["record"], row["running_events"], row["stored_images"], row["created_at"])


def _event_records(events: Sequence[Row], sightings: Sequence[Row]) -> Mapping[int, EventRecord]:
    seen: dict[int, dt.datetime] = {}
    for row in sightings:
        seen[row["event_id"]] = max(row["last_seen_at"], seen.get(row["event_id"], row["last_seen_at"]))
    return {
        row["id"]: EventRecord(
            row["id"], row["record"]["weekday"], row["record"]["start_time"], row["record"]["closed_at"] is None,
            seen.get(row["id"]), row["record"],
        )
        for row in events
    }  # fmt: skip


async def _hand_over(
    session: Session, winner: Row, loser: Row, facts: Mapping[str, object], at: dt.datetime, moved: Moved
) -> None:
    """Name, keys, pictures and missing facts."""
    # The loser first: its place id may be what the winner gets, and no two venues have one.
    await session.execute("merging/set_merged_into", loser["id"], winner["id"])
    if facts:
        await session.execute("merging/patch_venue", winner["id"], {**facts, "updated_at": at.isoformat()})
    route = (loser["id"], winner["id"])
    moved.redirects += [row["slug"] for row in await session.fetch("merging/move_redirects", *route)]
    await session.execute("merging/retire_slug", loser["slug"], winner["id"])
    keys = await session.fetch("merging/move_keys", *route)
    moved.keys += sorted([row["source"], row["key"]] for row in keys)
    await _hand_over_images(session, route, moved)


async def _hand_over_images(session: Session, route: tuple[int, int], moved: Moved) -> None:
    """Of a picture that both know the better one stays in sight (D2, R116); the others move where nothing is."""
    loser, winner = route
    better = await session.fetch("merging/better_images", *route)
    moved.traded += [[row["better"], row["worse"]] for row in better]
    await trade_images(session, moved.traded, winner, loser)
    moved.images += sorted(row["id"] for row in await session.fetch("merging/move_images", *route))
    await follow_images(session, moved.images, moved.traded, route)


async def _move_events(
    session: Session,
    winner: Row,
    loser: Row,
    events: Mapping[int, EventRecord],
    sightings: Sequence[Row],
    at: dt.datetime,
    moved: Moved,
) -> EventMoves:
    of = {
        venue["id"]: [event for event in events.values() if event.facts["venue_id"] == venue["id"]]
        for venue in (winner, loser)
    }
    moves = plan_events(of[winner["id"]], of[loser["id"]])
    for meeting in moves.meet:  # closing first: one running event an hour, at every moment
        await _close_for(session, meeting, sightings, loser, at, moved)
    losers = {event.id for event in of[loser["id"]]}
    arriving = [*moves.move, *(meeting.stays for meeting in moves.meet if meeting.stays in losers)]
    await session.execute("merging/move_events", arriving, winner["id"])
    return moves


async def _close_for(
    session: Session, meeting: EventMeeting, sightings: Sequence[Row], loser: Row, at: dt.datetime, moved: Moved
) -> None:
    why = f"the same evening was known twice: {loser['slug']} was merged"
    await session.execute("catalog/close_events", [meeting.goes], why, at)
    if meeting.fills:
        await session.execute("merging/patch_event", meeting.stays, {**meeting.fills, "updated_at": at.isoformat()})
    for row in sightings:
        if row["event_id"] == meeting.goes:
            step = [meeting.goes, meeting.stays, row["source"], row["key"]]
            if await session.execute("merging/move_sighting", *step):
                moved.sightings.append(step)


async def _settle_pair(session: Session, winner: Row, loser: Row, at: dt.datetime) -> None:
    if await session.fetchval("duplicates/pair_state", winner["id"], loser["id"]) is None:
        alike = confidence(candidate_of(winner), candidate_of(loser))
        await note_pair(session, winner["id"], loser["id"], alike, at)
    await session.execute("duplicates/decide_pair", winner["id"], loser["id"], "merged", at)
    await session.execute("merging/inherit_differences", loser["id"], winner["id"])
    await session.execute("duplicates/resolve_look_alikes", [winner["id"], loser["id"]], at)


async def _tell(session: Session, winner: Row, loser: Row, report: MergeReport, at: dt.datetime) -> None:
    told = {
        "facts": list(report.facts), "events_moved": report.events_moved, "events_closed": report.events_closed,
        "listings": list(report.listings), "images_moved": report.images_moved,
    }  # fmt: skip
    await tell_by_hand(session, winner["id"], "venue_merged", {}, {"other": loser["slug"], **told}, at)
    await tell_by_hand(session, loser["id"], "venue_merged", {}, {"into": winner["slug"]}, at)
