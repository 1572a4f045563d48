"""What a merge writes down, so that it can be undone: `venue_merges.moved`, which `storage.unmerging` reads back.

Each changed row stands there as it was and as the merge left it, with the names of what moved whole.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from asyncpg import Record as Row

from trivia_scraper.storage.sessions import Session

Record: TypeAlias = Mapping[str, Any]
Snapshot: TypeAlias = Mapping[tuple[str, int], Record]


@dataclass(slots=True)
class Moved:
    """What a merge moved whole, by name. Changed rows are found by comparing snapshots."""

    keys: list[list[str]] = field(default_factory=list)
    sightings: list[list[Any]] = field(default_factory=list)  # [from event, to event, source, key]
    images: list[int] = field(default_factory=list)
    redirects: list[str] = field(default_factory=list)
    traded: list[list[int]] = field(default_factory=list)  # [image that came, image that went for it]


async def lock_images(session: Session, venues: Sequence[int]) -> None:
    """Nobody writes an image of these venues until the transaction ends; in one order, against deadlock (R163)."""
    for venue in sorted(venues):
        await session.execute("photos/lock_owner", "venue", venue)


async def trade_images(session: Session, pairs: Sequence[Sequence[int]], left: int, right: int) -> None:
    """For each pair: the first image goes to venue `left`, the second to `right`. The unique names stay unique."""
    if not pairs:
        return
    firsts, seconds = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    nobody = -right
    await session.execute("merging/give_images", seconds, nobody)
    await session.execute("merging/give_images", firsts, left)
    await session.execute("merging/give_images", seconds, right)


async def follow_images(
    session: Session, moved: Sequence[int], traded: Sequence[Sequence[int]], venues: Sequence[int]
) -> None:
    """Other names go with their photos, and the galleries of both venues are ranked anew."""
    ids = [*moved, *(image for pair in traded for image in pair)]
    if ids:
        await session.execute("merging/follow_images", ids)
        for venue in venues:
            await session.execute("photos/rank", venue)


async def snapshot(session: Session, venues: list[int], events: list[int]) -> Snapshot:
    """Venues and events as they are now, by ("venues" | "events", id)."""
    rows = await session.fetch("merging/records", venues, events)
    return {(row["kind"], row["id"]): row["record"] for row in rows}


def differences(before: Snapshot, after: Snapshot) -> list[dict[str, Any]]:
    """Changed rows with the changed columns only. Who is merged into whom is told by the record itself."""
    rows = []
    for (kind, row_id), now in after.items():
        was = before[kind, row_id]
        changed = [column for column in now if now[column] != was[column] and column != "merged_into"]
        if changed:
            sides = {"before": {c: was[c] for c in changed}, "after": {c: now[c] for c in changed}}
            rows.append({"kind": kind, "id": row_id, **sides})
    return rows


async def pair_changes(session: Session, ids: list[int], before: Sequence[Row]) -> list[dict[str, Any]]:
    """Pairs of these venues that the merge made or decided, with what was known of them before."""
    was = {(row["low_id"], row["high_id"]): row for row in before}
    changes = []
    for row in await session.fetch("merging/pairs_of", ids):
        old = was.get((row["low_id"], row["high_id"]))
        if old is None or old["state"] != row["state"]:
            pair = {"low": row["low_id"], "high": row["high_id"], "after": row["state"]}
            changes.append({**pair, "before": None if old is None else dict(old["record"])})
    return changes
