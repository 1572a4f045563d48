"""How a step ended, as a value. Outcomes fold into the `RunReport`; nothing is signalled by log line alone."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

from trivia_scraper.domain.failures import ErrorType, FailureClass, Reason
from trivia_scraper.domain.models import ImageRole, OwnerKind
from trivia_scraper.domain.options import RefreshOptions


class ImageOutcomeKind(StrEnum):
    """What became of one image (operations.md O01)."""

    NEW = "new"
    REPLACED = "replaced"
    UNCHANGED_304 = "unchanged_304"
    UNCHANGED_HASH = "unchanged_hash"
    FRESH_SKIPPED = "fresh_skipped"
    REJECTED = "rejected"
    FAILED = "failed"
    SHARED = "shared"
    RETRY_LATER = "retry_later"
    CLOSED = "closed"


class DetailOutcomeKind(StrEnum):
    """What became of one listing."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    FAILED = "failed"
    GONE = "gone"
    DISALLOWED = "disallowed"


class SkipReason(StrEnum):
    """Why a listing was not visited. Every skipped listing has one."""

    FRESH = "fresh"
    BEYOND_LIMIT = "beyond_limit"
    NOT_CHOSEN = "not_chosen"
    REJECTED = "rejected"
    DUPLICATE_KEY = "duplicate_key"
    OUT_OF_TIME = "out_of_time"
    INTERRUPTED = "interrupted"
    HELD = "held"
    ROBOTS = "robots"


class FinishReason(StrEnum):
    """Why a run ended (operations.md O30)."""

    DONE = "done"
    LIMIT = "limit"
    MAX_TIME = "max_time"
    INTERRUPTED = "interrupted"
    STORAGE_FULL = "storage_full"
    DATABASE_LOST = "database_lost"


class IndexVerdict(StrEnum):
    """What an index walk is worth: only a complete one may close events (E6, N9)."""

    COMPLETE = "complete"
    TRUNCATED = "truncated"
    SUSPECT = "suspect"
    EMPTY = "empty"
    FAILED = "failed"
    HELD = "held"
    DISALLOWED = "disallowed"
    PAUSED = "paused"


@dataclass(frozen=True, slots=True)
class Failure:
    """One failure, told completely: what, where, why, how often, and what the program will do about it."""

    source: str
    venue: str | None
    url: str
    error_type: ErrorType
    failure_class: FailureClass
    reason: Reason | None
    status_code: int | None
    message: str
    attempts: int
    next: str
    subject: str = "page"


@dataclass(frozen=True, slots=True)
class ImageOutcome:
    """How one image ended. `bytes_received` counts the network."""

    kind: ImageOutcomeKind
    owner_kind: OwnerKind
    role: ImageRole
    url: str
    bytes_received: int = 0
    storage_key: str | None = None
    failure: Failure | None = None


@dataclass(frozen=True, slots=True)
class DetailOutcome:
    """How one listing ended. `stated` = fields that its page stated (`policy.coverage`), None where none was read."""

    kind: DetailOutcomeKind
    venue: str | None
    images: tuple[ImageOutcome, ...] = ()
    failure: Failure | None = None
    bytes_received: int = 0
    stated: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class PlannedVisit:
    """A visit that a dry run would have made."""

    key: str
    name: str
    url: str
    why: str


@dataclass(slots=True)
class SourceReport:
    """Counts of one source in one run. Mutable: outcomes are folded in as they arrive.

    listed  entries that the index showed; listed = visited + skipped once all is done
    stopped  why the index walk was left before its end, if it was
    usable  of these, distinct ones with all required facts: what the source is judged by (N9)
    coverage  by field, how many of the `read_pages` stated it (O18)
    """

    slug: str
    verdict: IndexVerdict | None = None
    index_pages: int = 0
    listed: int = 0
    usable: int = 0
    read_pages: int = 0
    coverage: Counter[str] = field(default_factory=Counter)
    visited: int = 0
    skipped: Counter[SkipReason] = field(default_factory=Counter)
    rejected_reasons: Counter[str] = field(default_factory=Counter)
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    gone: int = 0
    planned: int = 0
    failed: int = 0
    closed: int = 0
    held: int = 0
    left_by_limit: int = 0
    images: Counter[ImageOutcomeKind] = field(default_factory=Counter)
    image_errors: Counter[ErrorType] = field(default_factory=Counter)
    bytes_received: int = 0
    seconds: float = 0.0
    database_lost: bool = False
    stopped: SkipReason | None = None
    failures: list[Failure] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    plan: list[PlannedVisit] = field(default_factory=list)


@dataclass(slots=True)
class RunReport:
    """The whole run: what was asked, what happened per source, every failure."""

    run_id: UUID
    options: RefreshOptions
    started_at: dt.datetime
    finished_at: dt.datetime | None = None
    finish_reason: FinishReason = FinishReason.DONE
    sources: dict[str, SourceReport] = field(default_factory=dict)
    failures: list[Failure] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """No item failed and the run did all that it was asked: a time budget that is used up was asked for."""
        asked_for = (FinishReason.DONE, FinishReason.LIMIT, FinishReason.MAX_TIME)
        return not self.failures and self.finish_reason in asked_for
