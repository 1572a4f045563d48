"""Whose failed images are due, how they are closed, and the queue of recoveries. Implements `ports.RecoveryQueue`.

A request waits, is taken (`started_at`), and is finished with its outcome. At most four wait for one owner: the whole
of it and a selection of images, each with and without ambiguous failures. What a killed process had taken waits again
at the next start (`requeue_unfinished`).
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from asyncpg import Record as Row

from trivia_scraper.domain.models import ImageStatus, OwnerKind
from trivia_scraper.domain.options import RefreshOptions, options_from_json, options_to_json
from trivia_scraper.domain.recovery import (
    OwnerRef,
    QueuedHow,
    QueuedRecovery,
    RecoverableOwner,
    RecoveryRequest,
)
from trivia_scraper.policy.classifying import ErrorClasses
from trivia_scraper.policy.recovering import queue_priority
from trivia_scraper.storage.database import Database
from trivia_scraper.storage.sessions import Session

ASKED_AGAIN_AFTER: Final = dt.timedelta(seconds=600)
"""A request for the whole owner within this of the last one is answered "already queued" (R161)."""


class PostgresRecoveries:
    """Each call is one transaction."""

    def __init__(self, database: Database, classes: ErrorClasses) -> None:
        self._database = database
        self._classes = classes

    async def owners(
        self,
        request: RecoveryRequest,
        due_before: dt.datetime,
        done: Sequence[OwnerRef],
        limit: int,
        options: RefreshOptions,
    ) -> Sequence[RecoverableOwner]:
        """Owners with something to do, most urgent first."""
        rows = await self._database.fetch(
            "recovering/owners", due_before, list(self._classes.transient), list(self._classes.permanent),
            request.include_ambiguous, list(request.error_types), [*options.providers, *options.sources],
            [each.kind for each in done], [each.id for each in done], limit,
        )  # fmt: skip
        return [
            RecoverableOwner(_owner(row["kind"], row["id"]), row["slug"], row["failed"], row["score"],
                             row["oldest_failure_at"])
            for row in rows
        ]  # fmt: skip

    async def owners_of_venues(self, slugs: Sequence[str]) -> Sequence[OwnerRef]:
        """Venues and the hosts of their running evenings, in the order of the slugs."""
        rows = await self._database.fetch("recovering/owners_of_venues", list(slugs))
        return [_owner(row["kind"], row["id"]) for row in rows]

    async def close_image(
        self, image_id: int, version: int, *, without_url: bool, run_id: UUID, at: dt.datetime
    ) -> bool:
        """Close one failure; False when its row is another one by now."""
        touched = await self._database.execute("recovering/close_image", image_id, version, without_url, run_id, at)
        return touched > 0

    async def postpone(self, image_id: int, version: int, until: dt.datetime, at: dt.datetime) -> None:
        """Due then, and nothing counted."""
        await self._database.execute("recovering/postpone", image_id, version, until, at)

    async def queue(
        self,
        owner: OwnerRef,
        image_ids: Sequence[int] | None,
        *,
        include_ambiguous: bool,
        is_bulk: bool,
        requested_by: str,
        at: dt.datetime,
        options: RefreshOptions,
    ) -> QueuedHow:
        """A request of its own transaction; `queue_recovery` joins one that runs."""
        async with self._database.transaction() as session:
            return await queue_recovery(
                session, owner, image_ids, include_ambiguous=include_ambiguous, is_bulk=is_bulk,
                requested_by=requested_by, at=at, options=options,
            )  # fmt: skip

    async def waiting(self, limit: int) -> Sequence[QueuedRecovery]:
        """What waits, in the order in which it is worked."""
        rows = await self._database.fetch(
            "recovering/waiting", list(self._classes.transient), list(self._classes.permanent), limit
        )
        return [_queued(row) for row in rows]

    async def take(self, request_id: int, at: dt.datetime) -> tuple[bool, tuple[int, ...] | None]:
        """Begin with a request: whether it is ours, and the images as wanted by now (None = all)."""
        async with self._database.transaction() as session:
            row = await session.fetchrow("recovering/take", request_id, at)
        return row is not None, _ids(row["image_ids"]) if row is not None else None

    async def take_covered(self, owner: OwnerRef, *, include_ambiguous: bool, at: dt.datetime) -> Sequence[int]:
        """Begin with the requests that a recovery of the whole owner answers."""
        async with self._database.transaction() as session:
            rows = await session.fetch("recovering/take_covered", owner.kind, owner.id, include_ambiguous, at)
        return [row["id"] for row in rows]

    async def finish(
        self, request_id: int, outcome: Mapping[str, Any], at: dt.datetime, *, waits_again: bool
    ) -> None:
        """A request has ended; one that was stopped halfway waits again."""
        async with self._database.transaction() as session:
            row = await session.fetchrow("recovering/finish", request_id, dict(outcome), at)
            if row is not None and waits_again:
                await _requeue(session, row)


async def queue_recovery(
    session: Session,
    owner: OwnerRef,
    image_ids: Sequence[int] | None,
    *,
    include_ambiguous: bool,
    is_bulk: bool,
    requested_by: str,
    at: dt.datetime,
    options: RefreshOptions,
) -> QueuedHow:
    """Ask for a recovery inside the caller's transaction: the change of a row and its job are one (R215).

    image_ids  None = all of the owner's
    is_bulk    asked for by a scan and not by a person (R214)
    """
    await session.execute("photos/lock_owner", owner.kind, owner.id)
    chosen = None if image_ids is None else list(image_ids)
    standing = await session.fetch("recovering/standing_images", owner.kind, owner.id, chosen)
    if not standing:
        return QueuedHow.GONE
    if chosen is None:
        since = at - ASKED_AGAIN_AFTER
        known = await session.fetchval("recovering/same_request", owner.kind, owner.id, include_ambiguous, since)
        if known is not None:
            return QueuedHow.ALREADY_QUEUED
    else:
        chosen = [row["id"] for row in standing]
    failed = {row["provider"] for row in standing if row["status"] == ImageStatus.FAILED}
    document = json.loads(options_to_json(options))
    return await _wait(
        session, owner, chosen, include_ambiguous, queue_priority(failed, is_bulk=is_bulk), document, requested_by, at
    )


async def requeue_unfinished(database: Database, at: dt.datetime) -> int:
    """What a killed process had begun waits again. Run while holding the store lock; returns how many."""
    async with database.transaction() as session:
        rows = await session.fetch("recovering/finish_interrupted", {"ended": "interrupted"}, at)
        for row in rows:
            await _requeue(session, row)
    return len(rows)


async def _requeue(session: Session, row: Row) -> None:
    owner = _owner(row["owner_kind"], row["owner_id"])
    if row["image_ids"] is None and await session.fetchval(
        "recovering/waits_for_owner", owner.kind, owner.id, row["include_ambiguous"]
    ):
        return
    await _wait(
        session, owner, row["image_ids"], row["include_ambiguous"], row["priority"], row["options"],
        row["requested_by"], row["requested_at"],
    )  # fmt: skip


async def _wait(
    session: Session,
    owner: OwnerRef,
    image_ids: Sequence[int] | None,
    include_ambiguous: bool,
    priority: int,
    options: Mapping[str, Any],
    requested_by: str,
    at: dt.datetime,
) -> QueuedHow:
    if image_ids is not None and await session.execute(
        "recovering/join_selection", owner.kind, owner.id, image_ids, include_ambiguous, priority
    ):
        return QueuedHow.JOINED
    await session.execute(
        "recovering/add_request", owner.kind, owner.id, image_ids, include_ambiguous, priority, options, requested_by,
        at,
    )  # fmt: skip
    return QueuedHow.QUEUED


def _queued(row: Row) -> QueuedRecovery:
    return QueuedRecovery(
        id=row["id"],
        owner=_owner(row["owner_kind"], row["owner_id"]),
        image_ids=_ids(row["image_ids"]),
        include_ambiguous=row["include_ambiguous"],
        options=options_from_json(json.dumps(row["options"])),
    )


def _owner(kind: str, owner_id: int) -> OwnerRef:
    return OwnerRef(OwnerKind(kind), owner_id)


def _ids(stored: Sequence[int] | None) -> tuple[int, ...] | None:
    return None if stored is None else tuple(stored)
