"""Review: what a person looks at and decides about failed images (images.md 11, 12; R228)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from trivia_scraper.domain.failures import FailureClass
from trivia_scraper.domain.models import ImageStatus


class ReviewAction(StrEnum):
    """What a person does to an image.

    DELETE        a tombstone: its file goes, and no listing brings it back
    RECATEGORISE  another error type; a transient one re-opens it
    FORCE_RETRY   failed, counted from nought, due now
    RESTORE       the tombstone is taken back
    """

    DELETE = "delete"
    RECATEGORISE = "recategorise"
    FORCE_RETRY = "force_retry"
    RESTORE = "restore"


@dataclass(frozen=True, slots=True)
class ReviewFilter:
    """Which images are meant. Empty fields choose all; `policy.reviewing.scope_of` says what is looked at at all.

    owner          slug of a venue or performer
    failed_before  the last error is older than this
    batch          images of this batch of review actions
    deleted        tombstones instead of living images
    """

    image_ids: tuple[int, ...] = ()
    owner: str | None = None
    provider: str | None = None
    error_type: str | None = None
    host: str | None = None
    status: ImageStatus | None = None
    failure_class: FailureClass | None = None
    failed_before: dt.datetime | None = None
    batch: UUID | None = None
    deleted: bool = False

    @property
    def only_ids(self) -> bool:
        """Whether ids are all that it names, so that each must exist."""
        return bool(self.image_ids) and set(self.document()) == {"image_ids"}

    def document(self) -> dict[str, Any]:
        """What was said, for the audit: fields that choose something."""
        said = {
            "image_ids": list(self.image_ids),
            "owner": self.owner,
            "provider": self.provider,
            "error_type": self.error_type,
            "host": self.host,
            "status": self.status,
            "failure_class": self.failure_class,
            "failed_before": self.failed_before.isoformat() if self.failed_before else None,
            "batch": str(self.batch) if self.batch else None,
        }
        return {name: value for name, value in said.items() if value}


@dataclass(frozen=True, slots=True)
class ReviewRow:
    """An image as a reviewer sees it. `owner` is a slug; `slot_is_taken`: a living row has this tombstone's place."""

    id: int
    owner_kind: str
    owner: str
    owner_id: int
    role: str
    provider: str
    host: str | None
    provider_url: str | None
    status: ImageStatus
    failure_class: FailureClass | None
    error_type: str | None
    reason: str | None
    error: str | None
    status_code: int | None
    error_at: dt.datetime | None
    retry_count: int
    failure_streak: int
    next_retry_at: dt.datetime | None
    finalized_at: dt.datetime | None
    storage_key: str | None
    thumb_key: str | None
    sha256: str | None
    deleted_at: dt.datetime | None
    deleted_why: str | None
    duplicate_of: int | None
    slot_is_taken: bool
    version: int

    @property
    def keys(self) -> tuple[str, ...]:
        """The files that it refers to, the picture first."""
        return tuple(key for key in (self.storage_key, self.thumb_key) if key)


@dataclass(frozen=True, slots=True)
class RowChange:
    """The state of a row after an action; `releases_file` = it lets go of what it refers to."""

    status: ImageStatus
    error_type: str | None
    reason: str | None
    error: str | None
    retry_count: int
    next_retry_at: dt.datetime | None
    finalized_at: dt.datetime | None
    deleted_at: dt.datetime | None
    deleted_why: str | None
    releases_file: bool

    def document(self) -> dict[str, Any]:
        """The change as JSON values."""
        times = ("next_retry_at", "finalized_at", "deleted_at")
        values = {name: getattr(self, name) for name in self.__slots__}
        return values | {name: _iso(values[name]) for name in times}


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why an action does not apply to a row."""

    why: str


@dataclass(frozen=True, slots=True)
class PlannedAction:
    """One row and what would become of it."""

    row: ReviewRow
    result: RowChange | Refusal


@dataclass(frozen=True, slots=True)
class ReviewPlan:
    """The very rows that an action is about. Carried out on the versions of the rows that were shown.

    batch   names this decision in the audit
    who     the person, as the operating system knows them
    chosen  how the rows were chosen
    """

    batch: UUID
    who: str
    action: ReviewAction
    chosen: Mapping[str, Any]
    actions: Sequence[PlannedAction]

    @property
    def accepted(self) -> Sequence[PlannedAction]:
        """Those that change something."""
        return [each for each in self.actions if isinstance(each.result, RowChange)]

    @property
    def refused(self) -> Sequence[PlannedAction]:
        """Those that do not."""
        return [each for each in self.actions if isinstance(each.result, Refusal)]


@dataclass(frozen=True, slots=True)
class ReviewReport:
    """What was done.

    done    image ids
    failed  image id → why it stayed as it was
    left    keys of files that could not be removed; the next start tries again
    """

    batch: UUID
    action: ReviewAction
    done: Sequence[int]
    failed: Mapping[int, str]
    left: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ReviewedImage:
    """One line of the audit."""

    batch: UUID
    at: dt.datetime
    who: str
    action: str
    image_id: int
    owner: str | None
    chosen: Mapping[str, Any]
    before: Mapping[str, Any]
    after: Mapping[str, Any]


def row_document(row: ReviewRow) -> dict[str, Any]:
    """A row as the audit keeps it: its state, and what is needed to see what it was."""
    kept = (
        "status", "error_type", "reason", "error", "status_code", "retry_count", "failure_streak", "provider_url",
        "storage_key", "thumb_key", "deleted_why",
    )  # fmt: skip
    times = ("error_at", "next_retry_at", "finalized_at", "deleted_at")
    return {name: getattr(row, name) for name in kept} | {name: _iso(getattr(row, name)) for name in times}


def _iso(at: dt.datetime | None) -> str | None:
    return None if at is None else at.isoformat()
