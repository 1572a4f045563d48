"""Images under review, and the audit of what people decided about them (images.md 12; R228)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from asyncpg import Record as Row

from trivia_scraper.domain.failures import FailureClass
from trivia_scraper.domain.models import ImageStatus
from trivia_scraper.domain.review import (
    PlannedAction,
    ReviewedImage,
    ReviewFilter,
    ReviewPlan,
    ReviewRow,
    RowChange,
    row_document,
)
from trivia_scraper.policy.classifying import ErrorClasses
from trivia_scraper.policy.reviewing import scope_of
from trivia_scraper.storage.database import Database


class PostgresReviewReader:
    """Reads only; works beside a run."""

    def __init__(self, database: Database, classes: ErrorClasses) -> None:
        self._database = database
        self.classes = classes

    async def select(self, wanted: ReviewFilter, limit: int | None = None) -> Sequence[ReviewRow]:
        """The images that a filter means, those that failed last first. Ids that do not exist are missing."""
        scope = scope_of(wanted)
        rows = await self._database.fetch(
            "reviewing/select", list(wanted.image_ids), wanted.owner, wanted.provider, wanted.error_type, wanted.host,
            wanted.failed_before, wanted.batch, wanted.deleted, list(scope.statuses), list(scope.classes),
            sorted(self.classes.transient), sorted(self.classes.permanent), limit,
        )  # fmt: skip
        return [_row(row) for row in rows]

    async def history(
        self, *, batch: UUID | None = None, image_id: int | None = None, limit: int | None = None
    ) -> Sequence[ReviewedImage]:
        """The audit, newest first."""
        rows = await self._database.fetch("reviewing/history", batch, image_id, limit)
        return [ReviewedImage(**row) for row in rows]


class PostgresReviews:
    """Writes decisions. Implements `ports.ReviewBook`."""

    def __init__(self, database: Database, epoch: int) -> None:
        self._database = database
        self._epoch = epoch

    async def apply(self, plan: ReviewPlan, actions: Sequence[PlannedAction], at: dt.datetime) -> Collection[int]:
        """One transaction: rows, audit, and intents for the files that rows let go."""
        async with self._database.transaction() as session:
            rows = await session.fetch(
                "reviewing/apply", [_change(each) for each in actions], plan.batch, at, plan.who, plan.action,
                dict(plan.chosen),
            )  # fmt: skip
            written = {row["image_id"] for row in rows}
            keys = [key for each in actions if each.row.id in written and _releases(each) for key in each.row.keys]
            await session.execute("files/announce", keys, "collect", self._epoch, at)
            return written

    async def give_back(self, plan: ReviewPlan, row: ReviewRow, at: dt.datetime) -> bool:
        """Undo a deletion whose file could not be removed; False = it was undone already."""
        async with self._database.transaction() as session:
            await session.execute("files/lock_keys", list(row.keys))
            count = await session.execute(
                "reviewing/give_back", row.id, plan.batch, row.storage_key, row.thumb_key, row.sha256, at
            )
            await session.execute("files/drop_intents", list(row.keys))
            return bool(count)


def _row(row: Row) -> ReviewRow:
    its_class = row["failure_class"]
    return ReviewRow(
        **{
            **dict(row),
            "status": ImageStatus(row["status"]),
            "failure_class": FailureClass(its_class) if its_class else None,
        }
    )


def _change(action: PlannedAction) -> dict[str, Any]:
    assert isinstance(action.result, RowChange)
    after = action.result.document()
    return {
        "id": action.row.id,
        "version": action.row.version,
        **after,
        "before": row_document(action.row),
        "after": after,
    }


def _releases(action: PlannedAction) -> bool:
    return isinstance(action.result, RowChange) and action.result.releases_file
