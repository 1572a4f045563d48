"""A merge is undone: each row goes back as it was, unless somebody has changed it since.

What the returning listings brought while both venues were one goes with them; an evening that listings of both show
by now is written for both.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, Final

from asyncpg import Record as Row

from trivia_scraper.domain.directory import UnmergeReport
from trivia_scraper.domain.errors import SetupError
from trivia_scraper.policy.venue_merging import patch_back
from trivia_scraper.storage.database import Database
from trivia_scraper.storage.merge_record import Record, Snapshot, follow_images, lock_images, snapshot, trade_images
from trivia_scraper.storage.sessions import Session
from trivia_scraper.storage.telling import tell_by_hand
from trivia_scraper.storage.venue_slugs import venue_called

# These columns say together whether an event runs (a CHECK ties them): back as one, or not at all.
_RUNNING: Final = ("status", "closed_at", "closed_why")


async def unmerge_venue(database: Database, slug: str, at: dt.datetime) -> UnmergeReport:
    """Make a merged venue one of its own again.

    Raises SetupError for an unknown slug, a venue that is not merged, or one whose winner was merged on.
    """
    async with database.transaction() as session:
        await session.execute("catalog/lock_identity")
        await session.execute("merging/use_utc")
        loser = await venue_called(session, slug)
        if loser["merged_into"] is None:
            await _refuse_standing(session, loser)
        merge = await session.fetchrow("merging/standing", loser["id"])
        assert merge is not None, "merged_into is only ever set together with its record"
        ids = sorted((merge["winner_id"], loser["id"]))
        await lock_images(session, ids)
        venues = {row["id"]: row["record"] for row in await session.fetch("merging/lock_venues", ids)}
        winner = venues[merge["winner_id"]]
        if winner["merged_into"] is not None:
            raise SetupError(
                f"{winner['slug']}, of which {slug} is part, was merged on into another venue",
                hint=f"`trivia-scraper venues unmerge {winner['slug']}` first",
            )
        return await _undo(session, merge, winner, loser, at)


async def _refuse_standing(session: Session, venue: Row) -> None:
    merged = [row["slug"] for row in await session.fetch("merging/losers_of", venue["id"])]
    raise SetupError(
        f"{venue['slug']} is a venue of its own: it is not merged into another",
        hint=f"merged into it: {', '.join(merged)}" if merged else "`trivia-scraper venues duplicates --all`",
    )


async def _undo(session: Session, merge: Row, winner: Record, loser: Row, at: dt.datetime) -> UnmergeReport:
    moved, ids = merge["moved"], sorted((winner["id"], loser["id"]))
    await session.fetch("merging/lock_sightings", ids)
    await session.fetch("merging/lock_events", ids)
    rows: Sequence[Record] = moved["rows"]
    events = [row for row in rows if row["kind"] == "events"]
    now = await snapshot(session, ids, [row["id"] for row in events])

    await _restore_winner(session, rows, now)
    await session.execute("merging/set_merged_into", loser["id"], None)
    await session.execute("merging/drop_redirect", loser["slug"])
    await session.execute("merging/give_redirects_back", moved["redirects"], winner["id"], loser["id"])
    keys = await session.fetch("merging/give_keys_back", *_columns(moved["keys"], 2), winner["id"], loser["id"])
    sources, names = [row["source"] for row in keys], [row["key"] for row in keys]
    # A record of an older version of this program knows no trades.
    traded = moved.get("traded", [])
    await trade_images(session, traded, loser["id"], winner["id"])
    images = await session.fetch(
        "merging/give_images_back", moved["images"], sources, names, winner["id"], loser["id"]
    )
    await follow_images(session, [row["id"] for row in images], traded, ids)
    await _restore_events(session, events, now)
    await _return_sightings(session, moved["sightings"])
    await _part_strays(session, ids)
    unshown = [row["id"] for row in await session.fetch("merging/unshown", [row["id"] for row in events])]
    await session.execute(
        "catalog/close_events", unshown, f"no listing has shown it since {loser['slug']} parted", at
    )
    await _restore_pairs(session, moved["pairs"])
    await session.execute("merging/mark_undone", merge["id"], at)

    listings = tuple(sorted(f"{source}:{key}" for source, key in zip(sources, names, strict=True)))
    [own] = await session.fetch("merging/lock_venues", [loser["id"]])
    shown = await session.fetchval("merging/images_shown", [*(row["id"] for row in images), *_columns(traded, 2)[0]])
    report = UnmergeReport(winner["slug"], loser["slug"], own["running_events"], listings, shown)
    told = {"events": report.events, "listings": list(report.listings), "images": report.images}
    await tell_by_hand(session, winner["id"], "venue_unmerged", {}, {"other": loser["slug"], **told}, at)
    await tell_by_hand(session, loser["id"], "venue_unmerged", {}, {"from": winner["slug"]}, at)
    return report


def _columns(rows: Sequence[Sequence[Any]], width: int) -> list[list[Any]]:
    return [[row[number] for row in rows] for number in range(width)]


async def _restore_winner(session: Session, rows: Sequence[Record], now: Snapshot) -> None:
    for row in rows:
        if row["kind"] == "venues":
            patch = patch_back(row["before"], row["after"], now["venues", row["id"]])
            await session.execute("merging/patch_venue", row["id"], patch)


async def _restore_events(session: Session, events: Sequence[Record], now: Snapshot) -> None:
    """Those that move leave first: a closed one may want their hour."""
    for row in sorted(events, key=lambda row: "closed_at" in row["before"]):
        patch = patch_back(row["before"], row["after"], now["events", row["id"]])
        if "closed_at" in row["before"]:
            patch = await _reopening(session, row, patch, now["events", row["id"]])
        if patch:
            await session.execute("merging/patch_event", row["id"], patch)


async def _reopening(session: Session, row: Record, patch: dict[str, object], now: Record) -> dict[str, object]:
    untouched = all(column in patch for column in _RUNNING if column in row["before"])
    if untouched and await session.fetchval("merging/slot_is_free", row["id"], now["venue_id"]):
        return patch
    return {column: value for column, value in patch.items() if column not in (*_RUNNING, "updated_at")}


async def _return_sightings(session: Session, sightings: Sequence[Sequence[Any]]) -> None:
    for origin, target, source, key in sightings:
        await session.execute("merging/move_sighting", target, origin, source, key)


async def _part_strays(session: Session, ids: list[int]) -> None:
    """Sightings whose key means the other venue now, one after the other: with their event if it is theirs alone."""
    while (stray := await session.fetchrow("merging/strayed_sightings", ids)) is not None:
        event_id, home = stray["event_id"], stray["venue_id"]
        twin = await session.fetchval("merging/evening_of", event_id, home)
        if twin is None and not await session.fetchval("merging/is_shown_by_others", event_id, home):
            await session.execute("merging/move_events", [event_id], home)
            continue
        if twin is None:
            twin = await session.fetchval("merging/copy_event", event_id, home)
        if not await session.execute("merging/move_sighting", event_id, twin, stray["source"], stray["key"]):
            await session.execute("merging/drop_sighting", event_id, stray["source"], stray["key"])


async def _restore_pairs(session: Session, pairs: Sequence[Record]) -> None:
    for pair in pairs:
        place = (pair["low"], pair["high"], pair["after"])
        if pair["before"] is None:
            await session.execute("merging/drop_pair", *place)
        else:
            decided_at = pair["before"]["decided_at"]
            at = None if decided_at is None else dt.datetime.fromisoformat(decided_at)
            await session.execute("merging/restore_pair", *place, pair["before"]["state"], at)
