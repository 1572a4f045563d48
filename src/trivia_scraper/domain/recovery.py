"""Recovery of failed images: what was asked for, what became of each image, and of all (images.md 8)."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final, NamedTuple
from uuid import UUID

from trivia_scraper.domain.errors import SetupError
from trivia_scraper.domain.failures import ErrorType, Reason
from trivia_scraper.domain.models import ImageRole, OwnerKind
from trivia_scraper.domain.options import RefreshOptions
from trivia_scraper.domain.outcomes import FinishReason

MOST_CHOSEN_IMAGES: Final = 200
NOTHING_TO_DO: Final = "no retryable failures"


class OwnerRef(NamedTuple):
    """A venue or performer by id."""

    kind: OwnerKind
    id: int


@dataclass(frozen=True, slots=True)
class RecoveryRequest:
    """Which failed images are wanted. Venues, sources and providers are in the options.

    image_ids          these images, each once, at most 200; empty = not chosen by id
    error_types        only failures of these types; empty = every type
    include_ambiguous  also failures that else wait for a person (D4)
    all_due            every owner that has something to retry; else only who is named by id or in the options
    Raises SetupError for what cannot be meant.
    """

    include_ambiguous: bool
    image_ids: tuple[int, ...] = ()
    error_types: frozenset[ErrorType] = frozenset()
    all_due: bool = False

    def __post_init__(self) -> None:
        twice = [image_id for image_id, times in Counter(self.image_ids).items() if times > 1]
        if twice:
            raise SetupError(f"image {twice[0]} is chosen twice", hint="name each image once")
        if len(self.image_ids) > MOST_CHOSEN_IMAGES:
            raise SetupError(
                f"{len(self.image_ids)} images are chosen, {MOST_CHOSEN_IMAGES} at most",
                hint="choose fewer, or whole venues",
            )


class RecoveryEnd(StrEnum):
    """What became of one failed image.

    UPLOADED     stored now; as another entry's second name too
    FAILED       attempted, still failed
    CLOSED       attempted, or looked at: no automation touches it any more
    NOT_DUE      not attempted: its time, or its host's, has not come
    AMBIGUOUS    left for a person
    PASSED_OVER  chosen, but there is nothing to retry: stored, closed, switched off or deleted
    CHANGED      somebody changed or deleted it meanwhile: nothing was written
    LEFT         not reached: the run was stopped, or the store is full
    WOULD_RETRY, WOULD_CLOSE  of a dry run
    """

    UPLOADED = "uploaded"
    FAILED = "failed"
    CLOSED = "closed"
    NOT_DUE = "not_due"
    AMBIGUOUS = "ambiguous"
    PASSED_OVER = "passed_over"
    CHANGED = "changed"
    LEFT = "left"
    WOULD_RETRY = "would_retry"
    WOULD_CLOSE = "would_close"


@dataclass(frozen=True, slots=True)
class RecoveredImage:
    """One image after a recovery.

    retry_count    recovery attempts made so far, this one included
    next_retry_at  when it is due again by itself; None = it is not
    note           why, where the fields do not say
    was_attempted  whether its address was asked in this recovery; counted unless our own store was at fault
    """

    id: int
    owner: str
    role: ImageRole
    provider: str
    url: str | None
    end: RecoveryEnd
    retry_count: int
    next_retry_at: dt.datetime | None
    error_type: ErrorType | None
    reason: Reason | None
    status_code: int | None
    error: str | None
    note: str = ""
    storage_key: str | None = None
    was_attempted: bool = False


@dataclass(slots=True)
class OwnerRecovery:
    """One owner's recovery. `slug` is "" for an owner without images.

    stopped  why not all of it was done, if it was not
    """

    owner: OwnerRef
    slug: str = ""
    images: list[RecoveredImage] = field(default_factory=list)
    stopped: FinishReason | None = None

    def count(self, *ends: RecoveryEnd) -> int:
        """How many images ended so."""
        return sum(image.end in ends for image in self.images)

    @property
    def counts(self) -> dict[str, int]:
        """The figures of R155, and the others: newly_uploaded, still_failed, closed, not_due, ambiguous."""
        return {
            "newly_uploaded": self.count(RecoveryEnd.UPLOADED),
            "still_failed": self.count(RecoveryEnd.FAILED),
            "closed": self.count(RecoveryEnd.CLOSED),
            "not_due": self.count(RecoveryEnd.NOT_DUE, RecoveryEnd.LEFT),
            "ambiguous": self.count(RecoveryEnd.AMBIGUOUS),
        }

    @property
    def message(self) -> str:
        """The closing words: R155, or R158 where nothing was to be done."""
        tries, closings = self.count(RecoveryEnd.WOULD_RETRY), self.count(RecoveryEnd.WOULD_CLOSE)
        if tries or closings:
            return f"{tries} would be tried, {closings} would be closed"
        if not self.count(RecoveryEnd.UPLOADED, RecoveryEnd.FAILED, RecoveryEnd.CLOSED):
            return NOTHING_TO_DO
        counts = self.counts
        return f"{counts['newly_uploaded']} newly uploaded, {counts['still_failed']} still failed"


@dataclass(slots=True)
class RecoveryReport:
    """All that one recovery did. `crashed` counts owners that a bug cost; their traceback is in the log."""

    run_id: UUID
    request: RecoveryRequest
    options: RefreshOptions
    started_at: dt.datetime
    finished_at: dt.datetime | None = None
    finish_reason: FinishReason = FinishReason.DONE
    owners: list[OwnerRecovery] = field(default_factory=list)
    crashed: int = 0

    def images(self) -> Iterator[RecoveredImage]:
        """Every image, in the order in which it was dealt with."""
        for owner in self.owners:
            yield from owner.images

    @property
    def counts(self) -> dict[str, int]:
        """Sums over all owners, and how many crashed."""
        total: Counter[str] = Counter(
            {"newly_uploaded": 0, "still_failed": 0, "closed": 0, "not_due": 0, "ambiguous": 0}
        )
        for owner in self.owners:
            total.update(owner.counts)
        return {"owners": len(self.owners), **total, "crashed": self.crashed}

    @property
    def message(self) -> str:
        """As an owner's."""
        together = OwnerRecovery(OwnerRef(OwnerKind.VENUE, 0), images=list(self.images()))
        return together.message

    @property
    def ok(self) -> bool:
        """Nothing that was attempted failed, nothing crashed, and the run reached its end."""
        ended_well = self.finish_reason in (FinishReason.DONE, FinishReason.MAX_TIME)
        bad = any(image.was_attempted and image.end is not RecoveryEnd.UPLOADED for image in self.images())
        return ended_well and not bad and not self.crashed


class QueuedHow(StrEnum):
    """What became of a request for a recovery (R161, R162).

    QUEUED          it waits
    JOINED          its images were added to a selection that waits
    ALREADY_QUEUED  the whole owner waits already, or was asked for within 600 s
    GONE            there is no such owner, or none of the images is its: nothing waits
    """

    QUEUED = "queued"
    JOINED = "joined"
    ALREADY_QUEUED = "already_queued"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class QueuedRecovery:
    """A request in the queue. `image_ids` None = all of the owner's images."""

    id: int
    owner: OwnerRef
    image_ids: tuple[int, ...] | None
    include_ambiguous: bool
    options: RefreshOptions


@dataclass(frozen=True, slots=True)
class RecoverableOwner:
    """Somebody with images to retry or to close, and how urgent that is (R183, R224)."""

    owner: OwnerRef
    slug: str
    failed: int
    score: float
    oldest_failure_at: dt.datetime | None


def recovery_document(report: RecoveryReport) -> dict[str, Any]:
    """The report ready for `json.dumps`; its URLs carry no secrets, none is stored."""
    return {
        "ok": report.ok,
        "run_id": str(report.run_id),
        "dry_run": report.options.dry_run,
        "started_at": report.started_at,
        "finished_at": report.finished_at,
        "finish_reason": report.finish_reason.value,
        "message": report.message,
        "counts": report.counts,
        "owners": [owner_document(owner) for owner in report.owners],
    }


def owner_document(owner: OwnerRecovery) -> dict[str, Any]:
    """One owner's part of it, also what the queue keeps."""
    return {
        "kind": owner.owner.kind.value,
        "id": owner.owner.id,
        "slug": owner.slug,
        "message": owner.message,
        "counts": owner.counts,
        "images": [image_document(image) for image in owner.images],
    }


def image_document(image: RecoveredImage) -> dict[str, Any]:
    """One image's part of it. What does not apply is left out, as everywhere in images (images.md 3)."""
    details = {
        "error_type": image.error_type,
        "reason": image.reason,
        "status_code": image.status_code,
        "message": image.error,
    }
    facts = {
        "id": image.id,
        "owner": image.owner,
        "role": image.role.value,
        "provider": image.provider,
        "provider_url": image.url,
        "end": image.end.value,
        "retry_count": image.retry_count,
        "next_retry_at": image.next_retry_at.isoformat() if image.next_retry_at else None,
        "error_details": {name: value for name, value in details.items() if value is not None} or None,
        "note": image.note or None,
        "storage_key": image.storage_key,
    }
    return {name: value for name, value in facts.items() if value is not None}
