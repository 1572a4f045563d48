"""What a review action does to an image: the whole truth table (images.md 12; R228)."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

import pytest

from trivia_scraper.domain.failures import ErrorType, FailureClass
from trivia_scraper.domain.models import ImageStatus
from trivia_scraper.domain.photos import KnownPhoto
from trivia_scraper.domain.review import Refusal, ReviewAction, ReviewFilter, ReviewRow, RowChange
from trivia_scraper.policy.classifying import DEFAULT_CLASSES, error_classes
from trivia_scraper.policy.recovering import RecoveryChoice, plan_recovery
from trivia_scraper.policy.reviewing import Circumstances, Scope, decide, reopened_type, scope_of

AT = dt.datetime(2026, 9, 9, 12, 0, tzinfo=dt.UTC)
EARLIER = AT - dt.timedelta(days=3)
FAILED, CLOSED, STORED = ImageStatus.FAILED, ImageStatus.PERMANENTLY_FAILED, ImageStatus.UPLOADED
DELETE, RECATEGORISE = ReviewAction.DELETE, ReviewAction.RECATEGORISE
FORCE_RETRY, RESTORE = ReviewAction.FORCE_RETRY, ReviewAction.RESTORE


def row(status: ImageStatus = CLOSED, error_type: str | None = "not_found", **changes: Any) -> ReviewRow:
    facts: dict[str, Any] = {
        "id": 17, "owner_kind": "venue", "owner": "the-crown", "owner_id": 1, "role": "gallery", "provider": "here",
        "host": "a.example", "provider_url": "https://a.example/1", "status": status,
        "failure_class": DEFAULT_CLASSES.of_image(status, 0, error_type), "error_type": error_type, "reason": "html",
        "error": "404 Not Found", "status_code": 404, "error_at": EARLIER, "retry_count": 3, "failure_streak": 5,
        "next_retry_at": None, "finalized_at": EARLIER if status is CLOSED else None, "storage_key": None,
        "thumb_key": None, "sha256": None, "deleted_at": None, "deleted_why": None, "duplicate_of": None,
        "slot_is_taken": False, "version": 4,
    }  # fmt: skip
    return ReviewRow(**(facts | changes))


def stored(**changes: Any) -> ReviewRow:
    keys = {"storage_key": "venues/a/b.jpg", "thumb_key": "venues/a/b-thumb.jpg", "sha256": "ab"}
    return row(STORED, None, error=None, retry_count=0, **(keys | changes))


def done(action: ReviewAction, given: ReviewRow, new_type: ErrorType | None = None) -> RowChange:
    result = decide(action, given, Circumstances(AT, DEFAULT_CLASSES, new_type))
    assert isinstance(result, RowChange), result
    return result


def refused(action: ReviewAction, given: ReviewRow, new_type: ErrorType | None = None) -> str:
    result = decide(action, given, Circumstances(AT, DEFAULT_CLASSES, new_type))
    assert isinstance(result, Refusal), result
    return result.why


@pytest.mark.parametrize("given", [row(FAILED), row(CLOSED), stored(), row(ImageStatus.SKIPPED, None)])
def test_r228_delete_makes_a_tombstone_and_keeps_what_the_row_says(given: ReviewRow) -> None:
    change = done(DELETE, given)
    assert (change.deleted_at, change.deleted_why, change.next_retry_at) == (AT, "review", None)
    assert (change.status, change.error_type, change.retry_count) == (
        given.status, given.error_type, given.retry_count,
    )  # fmt: skip
    assert change.releases_file is (given.status is STORED)


@pytest.mark.parametrize(
    "given", [row(FAILED, "server_error"), row(CLOSED, "not_found"), row(CLOSED, "rate_limited")]
)
def test_r228_force_retry_is_failed_counted_from_nought_and_due_now(given: ReviewRow) -> None:
    change = done(FORCE_RETRY, given)
    assert (change.status, change.retry_count, change.next_retry_at, change.finalized_at) == (FAILED, 0, AT, None)
    assert not change.releases_file
    assert change.deleted_at is None


@pytest.mark.parametrize(
    ("error_type", "becomes"),
    [
        ("rate_limited", "rate_limited"),
        ("bad_gateway", "bad_gateway"),
        ("not_found", "network_error"),
        ("server_error", "network_error"),
        (None, "network_error"),
        ("of another version", "network_error"),
    ],
)
def test_r147_what_a_person_re_opens_is_retried_by_the_next_recovery(error_type: str | None, becomes: str) -> None:
    """Recovery closes permanent failures and leaves ambiguous ones before it asks (images.md 8): so neither stays."""
    change = done(FORCE_RETRY, row(CLOSED, error_type))
    assert change.error_type == becomes
    photo = known_photo(change)
    plan = plan_recovery([photo], RecoveryChoice(), AT, DEFAULT_CLASSES)
    assert plan.retry == (photo,)


def known_photo(change: RowChange) -> KnownPhoto:
    """The row as recovery reads it after the change."""
    unknown: dict[str, Any] = dict.fromkeys(field.name for field in dataclasses.fields(KnownPhoto))
    assert change.error_type is not None
    return KnownPhoto(
        **unknown
        | {
            "id": 17,
            "provider_url": "https://a.example/1",
            "status": change.status,
            "retry_count": change.retry_count,
            "next_retry_at": change.next_retry_at,
            "error_type": ErrorType(change.error_type),
        }
    )


def test_what_an_error_was_stays_readable() -> None:
    change = done(FORCE_RETRY, row(CLOSED, "not_found"))
    assert change.error == "re-opened as network_error in review (was not_found): 404 Not Found"
    assert change.reason is None
    unchanged = done(FORCE_RETRY, row(CLOSED, "rate_limited"))
    assert (unchanged.error, unchanged.reason) == ("404 Not Found", "html")
    assert len(done(FORCE_RETRY, row(CLOSED, "gone", error="x" * 600)).error or "") == 500


def test_the_type_of_re_opened_images_is_transient_under_overridden_classes_too() -> None:
    classes = error_classes(frozenset({ErrorType.SERVER_ERROR, ErrorType.GONE}), None)
    assert reopened_type("gone", classes) is ErrorType.GONE
    assert reopened_type("rate_limited", classes) in classes.transient
    nothing_passes = error_classes(None, frozenset(ErrorType))
    assert reopened_type("rate_limited", nothing_passes) is ErrorType.NETWORK_ERROR


@pytest.mark.parametrize(
    ("given", "new_type", "status", "retry_count", "next_retry_at", "finalized_at"),
    [
        (row(CLOSED), ErrorType.RATE_LIMITED, FAILED, 0, AT, None),
        (row(FAILED, "server_error"), ErrorType.BAD_GATEWAY, FAILED, 0, AT, None),
        (row(CLOSED, "rate_limited"), ErrorType.RATE_LIMITED, FAILED, 0, AT, None),
        (row(FAILED, "server_error"), ErrorType.NOT_FOUND, CLOSED, 3, None, AT),
        (row(CLOSED), ErrorType.GONE, CLOSED, 3, None, EARLIER),
        (row(FAILED, "rate_limited"), ErrorType.HTTP_ERROR, FAILED, 3, None, None),
        (row(CLOSED), ErrorType.HTTP_ERROR, CLOSED, 3, None, EARLIER),
    ],
    ids=[
        "transient-reopens-closed", "transient-reopens-ambiguous", "same-transient-type-reopens-a-third-failure",
        "permanent-closes", "permanent-stays-closed", "ambiguous-waits", "ambiguous-stays-closed",
    ],
)  # fmt: skip
def test_r228_recategorise(
    given: ReviewRow,
    new_type: ErrorType,
    status: ImageStatus,
    retry_count: int,
    next_retry_at: dt.datetime | None,
    finalized_at: dt.datetime | None,
) -> None:
    change = done(RECATEGORISE, given, new_type)
    assert change.error_type == new_type
    assert (change.status, change.retry_count, change.next_retry_at, change.finalized_at) == (
        status, retry_count, next_retry_at, finalized_at,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("action", "given", "new_type", "why"),
    [
        (DELETE, row(deleted_at=AT), None, "is deleted"),
        (FORCE_RETRY, row(deleted_at=AT), None, "is deleted"),
        (FORCE_RETRY, stored(), None, "did not fail: it is uploaded"),
        (FORCE_RETRY, row(provider_url=None), None, "has no address to be fetched from"),
        (RECATEGORISE, stored(), ErrorType.GONE, "did not fail: it is uploaded"),
        (RECATEGORISE, row(provider_url=None), ErrorType.RATE_LIMITED, "has no address to be fetched from"),
        (RECATEGORISE, row(CLOSED, "gone"), ErrorType.GONE, "is gone already"),
        (RESTORE, row(), None, "is not deleted"),
        (RESTORE, row(deleted_at=AT, duplicate_of=9), None, "shows the same photo as image 9, which has its file"),
        (
            RESTORE,
            row(deleted_at=AT, role="hero", slot_is_taken=True),
            None,
            "another hero image has its place",
        ),
        (RESTORE, row(STORED, None, deleted_at=AT, provider_url=None), None, "has no address to be fetched from"),
    ],
)
def test_r228_what_does_not_apply_is_refused_with_a_reason(
    action: ReviewAction, given: ReviewRow, new_type: ErrorType | None, why: str
) -> None:
    assert refused(action, given, new_type) == why


def test_r228_restore_takes_the_state_back_and_a_transient_failure_is_due_again() -> None:
    closed = done(RESTORE, row(CLOSED, deleted_at=AT, deleted_why="review"))
    assert (closed.status, closed.error_type, closed.next_retry_at) == (CLOSED, "not_found", None)
    assert (closed.deleted_at, closed.deleted_why) == (None, None)
    waiting = row(FAILED, "rate_limited", deleted_at=AT, retry_count=1, failure_class=FailureClass.TRANSIENT)
    assert done(RESTORE, waiting).next_retry_at == AT


def test_r228_a_picture_whose_file_went_is_fetched_again() -> None:
    change = done(RESTORE, row(STORED, None, deleted_at=AT, error=None))
    assert (change.status, change.error_type, change.retry_count, change.next_retry_at) == (
        FAILED, "network_error", 0, AT,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("wanted", "scope"),
    [
        (ReviewFilter(), Scope((FAILED, CLOSED), (FailureClass.PERMANENT, FailureClass.AMBIGUOUS))),
        (ReviewFilter(host="a"), Scope((FAILED, CLOSED), (FailureClass.PERMANENT, FailureClass.AMBIGUOUS))),
        (ReviewFilter(status=CLOSED), Scope((CLOSED,), ())),
        (ReviewFilter(status=STORED), Scope((STORED,), ())),
        (
            ReviewFilter(failure_class=FailureClass.TRANSIENT),
            Scope((FAILED, CLOSED), (FailureClass.TRANSIENT,)),
        ),
        (ReviewFilter(image_ids=(1,)), Scope((), ())),
        (ReviewFilter(image_ids=(1,), status=FAILED), Scope((FAILED,), ())),
        (ReviewFilter(deleted=True), Scope((), ())),
    ],
    ids=["r193-nothing-said", "host", "r193-closed", "stored", "class", "ids", "ids-and-status", "tombstones"],
)
def test_r193_what_a_filter_looks_at(wanted: ReviewFilter, scope: Scope) -> None:
    assert scope_of(wanted) == scope
