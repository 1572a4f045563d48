"""Pairs of venues that may be one place (V4): found by comparing, decided by a person, never merged by themselves."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from asyncpg import Record as Row

from trivia_scraper.domain.directory import DuplicateScan, PairedVenue, PairView
from trivia_scraper.domain.errors import SetupError
from trivia_scraper.policy.blocking import pairs_to_compare
from trivia_scraper.policy.duplicates import Confidence, confidence, may_be_kept
from trivia_scraper.policy.matching import VenueCandidate
from trivia_scraper.storage.database import Database
from trivia_scraper.storage.sessions import Session
from trivia_scraper.storage.telling import tell_by_hand
from trivia_scraper.storage.venue_slugs import venues_called

Ids = tuple[int, int]


async def note_pair(session: Session, one: int, other: int, alike: Confidence, at: dt.datetime) -> None:
    """Write or renew a pair; one that a person has decided about is left alone."""
    await session.execute("duplicates/note_pair", *_arguments((one, other), alike, at))


async def find_duplicates(database: Database, at: dt.datetime) -> DuplicateScan:
    """Compare all venues, block by block: write the pairs that look alike, drop open ones that no longer do."""
    venues = {row["id"]: candidate_of(row) for row in await database.fetch("duplicates/venues")}
    known = [(row["low_id"], row["high_id"]) for row in await database.fetch("duplicates/open_pairs")]
    alike, compared = _compare(venues)
    for pair in known:  # also those that share no block any more
        if pair not in alike and set(pair) <= venues.keys():
            found = confidence(venues[pair[0]], venues[pair[1]])
            if found.is_kept:
                alike[pair] = found
    gone = [pair for pair in known if pair not in alike]
    async with database.transaction() as session:
        await session.executemany("duplicates/note_pair", [_arguments(pair, alike[pair], at) for pair in alike])
        dropped = await session.execute("duplicates/drop_pairs", [low for low, _ in gone], [high for _, high in gone])
        still_open = len(await session.fetch("duplicates/open_pairs"))
    return DuplicateScan(compared, still_open, dropped)


def _compare(venues: Mapping[int, VenueCandidate]) -> tuple[dict[Ids, Confidence], int]:
    alike: dict[Ids, Confidence] = {}
    compared = 0
    for left, right in pairs_to_compare(venues.values()):
        compared += 1
        if may_be_kept(left, right) and (found := confidence(left, right)).is_kept:
            alike[min(left.id, right.id), max(left.id, right.id)] = found
    return alike, compared


async def duplicate_pairs(database: Database, *, decided: bool) -> Sequence[PairView]:
    """Open pairs, the surest first; with `decided` also those that a person has dealt with, after them."""
    return [_view(row) for row in await database.fetch("duplicates/pairs", decided)]


async def call_different(
    database: Database, left: str, right: str, at: dt.datetime, *, undo: bool
) -> tuple[str, str]:
    """A person says that two venues are two places, or takes that back; both venues' stories tell it.

    Returns their slugs. Raises SetupError for an unknown slug, a merged venue, one venue named twice, or nothing to
    take back.
    """
    async with database.transaction() as session:
        await session.execute("catalog/lock_identity")
        one, other = await venues_called(session, (left, right))
        state = await session.fetchval("duplicates/pair_state", one["id"], other["id"])
        if undo and state != "different":
            raise SetupError(f"nobody has called {one['slug']} and {other['slug']} different")
        if state != "different" or undo:
            await _decide(session, one, other, "open" if undo else "different", at)
        return one["slug"], other["slug"]


async def _decide(session: Session, one: Row, other: Row, state: str, at: dt.datetime) -> None:
    alike = confidence(candidate_of(one), candidate_of(other))
    await note_pair(session, one["id"], other["id"], alike, at)
    await session.execute("duplicates/decide_pair", one["id"], other["id"], state, at)
    await session.execute("duplicates/resolve_look_alikes", [one["id"], other["id"]], at)
    kind = "venue_undecided" if state == "open" else "venue_different"
    for venue, twin in ((one, other), (other, one)):
        await tell_by_hand(session, venue["id"], kind, {}, {"other": twin["slug"]}, at)


def candidate_of(row: Row) -> VenueCandidate:
    """A row with a venue's place, such as one of `duplicates/venues`, as policy compares it."""
    return VenueCandidate(
        row["id"], row["slug"], row["name"], row["address"], row["city"], row["postcode"], row["place_id"],
        row["latitude"], row["longitude"],
    )  # fmt: skip


def _arguments(ids: Ids, alike: Confidence, at: dt.datetime) -> tuple[object, ...]:
    return *ids, alike.score, alike.name, alike.location, alike.band, alike.why, at


def _view(row: Row) -> PairView:
    fields: dict[str, Any] = dict(row)
    low, high = (_side(fields, side) for side in ("low", "high"))
    return PairView(venues=(low, high), **fields)


def _side(fields: dict[str, Any], side: str) -> PairedVenue:
    """Takes one venue's columns out of a row's."""
    mine = {name: fields.pop(f"{side}_{name}") for name in ("slug", "name", "address", "postcode", "city", "sources")}
    return PairedVenue(**{**mine, "sources": tuple(mine["sources"])})
