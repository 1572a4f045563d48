"""What a review action does to an image, as a pure decision (images.md 12; R228)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from trivia_scraper.domain.failures import ErrorType, FailureClass
from trivia_scraper.domain.models import ImageRole, ImageStatus
from trivia_scraper.domain.review import Refusal, ReviewAction, ReviewFilter, ReviewRow, RowChange
from trivia_scraper.policy.classifying import ErrorClasses

REVIEWED: Final = "review"
"""What `deleted_why` says of images that a person deleted."""

LONGEST_ERROR: Final = 500
FAILED_STATES: Final = (ImageStatus.FAILED, ImageStatus.PERMANENTLY_FAILED)


@dataclass(frozen=True, slots=True)
class Scope:
    """The states and classes that a filter is about; empty = any."""

    statuses: tuple[ImageStatus, ...]
    classes: tuple[FailureClass, ...]


def scope_of(wanted: ReviewFilter) -> Scope:
    """Ids and states are taken at their word; else failures, and without a class those that wait for a person."""
    statuses = () if wanted.status is None else (wanted.status,)
    classes = () if wanted.failure_class is None else (wanted.failure_class,)
    if wanted.image_ids or wanted.deleted or wanted.batch or statuses:
        return Scope(statuses, classes)
    return Scope(FAILED_STATES, classes or (FailureClass.PERMANENT, FailureClass.AMBIGUOUS))


@dataclass(frozen=True, slots=True)
class Circumstances:
    """When it is decided, the classes of errors, and for RECATEGORISE the type that it shall have."""

    at: dt.datetime
    classes: ErrorClasses
    new_type: ErrorType | None = None


def decide(action: ReviewAction, row: ReviewRow, facts: Circumstances) -> RowChange | Refusal:
    """The row as it is after the action, or why the action does not apply to it."""
    if action is not ReviewAction.RESTORE and row.deleted_at is not None:
        return Refusal("is deleted")
    return _DECISIONS[action](row, facts)


def _delete(row: ReviewRow, facts: Circumstances) -> RowChange | Refusal:
    return RowChange(
        status=row.status,
        error_type=row.error_type,
        reason=row.reason,
        error=row.error,
        retry_count=row.retry_count,
        next_retry_at=None,
        finalized_at=row.finalized_at,
        deleted_at=facts.at,
        deleted_why=REVIEWED,
        releases_file=row.storage_key is not None,
    )


def _recategorise(row: ReviewRow, facts: Circumstances) -> RowChange | Refusal:
    assert facts.new_type is not None
    if row.status not in FAILED_STATES:
        return Refusal(f"did not fail: it is {row.status.value}")
    its_class = facts.classes.of(facts.new_type)
    if its_class is FailureClass.TRANSIENT:
        return _reopen(row, facts.new_type, facts)
    if row.error_type == facts.new_type:
        return Refusal(f"is {facts.new_type.value} already")
    closes = its_class is FailureClass.PERMANENT or row.status is ImageStatus.PERMANENTLY_FAILED
    return RowChange(
        status=ImageStatus.PERMANENTLY_FAILED if closes else ImageStatus.FAILED,
        error_type=facts.new_type,
        reason=None,
        error=_told("called", facts.new_type, row),
        retry_count=row.retry_count,
        next_retry_at=None,
        finalized_at=(row.finalized_at or facts.at) if closes else None,
        deleted_at=None,
        deleted_why=None,
        releases_file=False,
    )


def _force_retry(row: ReviewRow, facts: Circumstances) -> RowChange | Refusal:
    if row.status not in FAILED_STATES:
        return Refusal(f"did not fail: it is {row.status.value}")
    return _reopen(row, reopened_type(row.error_type, facts.classes), facts)


def reopened_type(error_type: str | None, classes: ErrorClasses) -> ErrorType:
    """The type that an image has once it is due again: its own if that is transient, else network_error.

    A type of another class would have recovery close the image, or leave it, before it is asked for (images.md 8).
    """
    own = next((each for each in classes.transient if each == error_type), None)
    if own is not None:
        return own
    if ErrorType.NETWORK_ERROR in classes.transient:
        return ErrorType.NETWORK_ERROR
    return min(classes.transient, default=ErrorType.NETWORK_ERROR)


def _reopen(row: ReviewRow, error_type: ErrorType, facts: Circumstances) -> RowChange | Refusal:
    if not row.provider_url:
        return Refusal("has no address to be fetched from")
    unchanged = row.error_type == error_type
    return RowChange(
        status=ImageStatus.FAILED,
        error_type=error_type,
        reason=row.reason if unchanged else None,
        error=row.error if unchanged else _told("re-opened as", error_type, row),
        retry_count=0,
        next_retry_at=facts.at,
        finalized_at=None,
        deleted_at=None,
        deleted_why=None,
        releases_file=False,
    )


def _restore(row: ReviewRow, facts: Circumstances) -> RowChange | Refusal:
    if row.deleted_at is None:
        return Refusal("is not deleted")
    if row.duplicate_of is not None:
        return Refusal(f"shows the same photo as image {row.duplicate_of}, which has its file")
    if row.slot_is_taken and row.role != ImageRole.GALLERY:
        return Refusal(f"another {row.role} image has its place")
    if row.status is ImageStatus.UPLOADED:
        # Its file is gone: it is fetched again like any other image that is missing.
        return _reopen(row, reopened_type(None, facts.classes), facts)
    is_due = row.failure_class is FailureClass.TRANSIENT
    return RowChange(
        status=row.status,
        error_type=row.error_type,
        reason=row.reason,
        error=row.error,
        retry_count=row.retry_count,
        next_retry_at=facts.at if is_due else None,
        finalized_at=row.finalized_at,
        deleted_at=None,
        deleted_why=None,
        releases_file=False,
    )


def _told(verb: str, error_type: ErrorType, row: ReviewRow) -> str:
    was = f" (was {row.error_type})" if row.error_type else ""
    return f"{verb} {error_type.value} in review{was}: {row.error or 'no message'}"[:LONGEST_ERROR]


_Decision: TypeAlias = Callable[[ReviewRow, Circumstances], RowChange | Refusal]
_DECISIONS: Final[Mapping[ReviewAction, _Decision]] = {
    ReviewAction.DELETE: _delete,
    ReviewAction.RECATEGORISE: _recategorise,
    ReviewAction.FORCE_RETRY: _force_retry,
    ReviewAction.RESTORE: _restore,
}
