"""Truth tables of recovery: what a failure means, and which images are retried (images.md D3, D4, 7, 8, 12)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Any

import pytest

from trivia_scraper.domain.failures import ErrorType, FailureClass
from trivia_scraper.domain.models import ImageRole, ImageStatus, OwnerKind
from trivia_scraper.domain.photos import AttemptKind, KnownPhoto
from trivia_scraper.policy.classifying import CLASS_OF_TYPE, DEFAULT_CLASSES, error_classes
from trivia_scraper.policy.recovering import (
    Aftermath,
    RecoveryChoice,
    after_failure,
    counts_as_attempt,
    plan_recovery,
    queue_priority,
    seconds_until_due,
    wait_before_recovery,
)

NOON = dt.datetime(2026, 11, 21, 12, tzinfo=dt.UTC)
DAY = 86_400.0
E = ErrorType


def known(**changes: Any) -> KnownPhoto:
    stated: dict[str, Any] = {
        "id": 1, "owner_kind": OwnerKind.VENUE, "owner_id": 1, "owner_slug": "the-crown", "role": ImageRole.GALLERY,
        "provider": "foursquare", "provider_photo_id": "a", "identity": "foursquare:id:a",
        "provider_url": "https://f.example/a.jpg", "status": ImageStatus.FAILED, "storage_key": None,
        "thumb_key": None, "sha256": None, "source_sha256": None, "width": None, "height": None, "dhash": None,
        "is_blank": False, "quality_score": 0.1, "position": 1, "attribution": None, "attribution_url": None,
        "fetched_at": NOON, "retry_count": 0, "failure_streak": 0, "retried_at": None, "next_retry_at": None,
        "error_type": E.RATE_LIMITED, "reason": None, "error": "no", "status_code": 429, "error_at": NOON,
        "refresh_failed_at": None, "finalized_at": None, "deleted_at": None, "version": 1,
    }  # fmt: skip
    return KnownPhoto(**{**stated, **changes})


def aftermath(
    error_type: ErrorType = E.SERVICE_UNAVAILABLE,
    kind: AttemptKind = AttemptKind.RECOVERY,
    row: KnownPhoto | None = None,
    retry_after: float | None = None,
    usual: float | None = None,
    jitter: float = 0.0,
    base: float = 1.0,
) -> Aftermath:
    return after_failure(kind, row, error_type, retry_after, usual, NOON, jitter, base, DEFAULT_CLASSES)


def due_in(after: Aftermath) -> float | None:
    return None if after.next_retry_at is None else (after.next_retry_at - NOON).total_seconds()


@pytest.mark.parametrize(
    ("failed_before", "waits"),
    [
        pytest.param(None, 2.0, id="R227-fresh-failure-2s"),
        pytest.param(0, 4.0, id="D3-after-the-first-attempt-4s"),
        pytest.param(1, 8.0, id="D3-after-the-second-attempt-8s"),
    ],
)
def test_d3_waits_before_the_three_attempts(failed_before: int | None, waits: float) -> None:
    if failed_before is None:
        after = aftermath(kind=AttemptKind.DOWNLOAD)
    else:
        after = aftermath(row=known(retry_count=failed_before, failure_streak=failed_before))
    assert (after.closes, due_in(after)) == (False, waits)


@pytest.mark.parametrize(
    ("streak", "seconds"),
    [(0, 2), (1, 4), (2, 8), (3, 16), (4, 32), (14, 32_768), (15, 65_536), (16, DAY), (60, DAY), (10_000, DAY)],
)
def test_r227_waits_grow_across_reopenings_up_to_a_day(streak: int, seconds: float) -> None:
    assert wait_before_recovery(streak, None, None, 0.0, 1.0) == seconds


@pytest.mark.parametrize(("base", "seconds"), [(0.5, 8.0), (1.0, 16.0), (60.0, 960.0), (3600.0, 57_600.0)])
def test_r227_the_base_is_a_factor(base: float, seconds: float) -> None:
    assert wait_before_recovery(3, None, None, 0.0, base) == seconds


def test_r227_a_reopened_image_goes_on_where_it_stood() -> None:
    reopened = known(retry_count=0, failure_streak=3)
    assert due_in(aftermath(row=reopened)) == 32.0


@pytest.mark.parametrize(("jitter", "factor"), [(0.0, 1.0), (0.5, 1.05), (1.0, 1.1)])
def test_d3_jitter_is_never_earlier_and_at_most_a_tenth_later(jitter: float, factor: float) -> None:
    assert due_in(aftermath(jitter=jitter, base=10.0, row=known())) == pytest.approx(40.0 * factor)


@pytest.mark.parametrize(
    ("asked", "waits"),
    [
        pytest.param(0.0, 0.0, id="R188-now"),
        pytest.param(7.0, 7.0, id="overrides-more"),
        pytest.param(3600.0, 3600.0, id="overrides-less"),
        pytest.param(DAY + 1, DAY, id="clamped-to-24h"),
        pytest.param(-5.0, 0.0, id="never-in-the-past"),
    ],
)
def test_d3_retry_after_overrides(asked: float, waits: float) -> None:
    assert due_in(aftermath(E.RATE_LIMITED, retry_after=asked, usual=500.0, row=known())) == waits


@pytest.mark.parametrize(
    ("error_type", "usual", "waits"),
    [
        pytest.param(E.RATE_LIMITED, 120.0, 120.0, id="R223-429-waits-what-is-usual"),
        pytest.param(E.RATE_LIMITED, 1.0, 4.0, id="R223-not-less-than-the-backoff"),
        pytest.param(E.RATE_LIMITED, None, 4.0, id="R223-nothing-seen-yet"),
        pytest.param(E.SERVICE_UNAVAILABLE, 120.0, 4.0, id="R223-only-429"),
        pytest.param(E.RATE_LIMITED, 2 * DAY, DAY, id="R223-clamped"),
    ],
)
def test_r223_a_429_without_retry_after_waits_the_usual_time(
    error_type: ErrorType, usual: float | None, waits: float
) -> None:
    assert due_in(aftermath(error_type, usual=usual, row=known())) == waits


@pytest.mark.parametrize("error_type", list(ErrorType))
@pytest.mark.parametrize("kind", list(AttemptKind))
@pytest.mark.parametrize("count", [0, 1, 2])
def test_r150_r151_r152_what_closes(error_type: ErrorType, kind: AttemptKind, count: int) -> None:
    """A permanent class at once, the third failed recovery whatever it was; nothing else (R147, D4)."""
    after = aftermath(error_type, kind, known(retry_count=count, failure_streak=count))
    failure_class = CLASS_OF_TYPE[error_type]
    third = kind is AttemptKind.RECOVERY and count == 2
    assert after.closes is (failure_class is FailureClass.PERMANENT or third)
    if after.closes:
        assert after.next_retry_at is None
    elif error_type is E.STORAGE_ERROR:
        assert after.next_retry_at == NOON
    else:
        assert (after.next_retry_at is not None) is (failure_class is FailureClass.TRANSIENT)


@pytest.mark.parametrize("error_type", [E.NOT_FOUND, E.RATE_LIMITED, E.SERVER_ERROR])
def test_r39_a_failed_replacement_of_a_good_picture_closes_nothing(error_type: ErrorType) -> None:
    good = known(status=ImageStatus.UPLOADED, storage_key="venues/x/hero-1.jpg", sha256="1", retry_count=2)
    assert not aftermath(error_type, AttemptKind.REFRESH, good).closes


def test_classes_are_data() -> None:
    """R135: what the settings call transient is due again, what they call permanent closes."""
    classes = error_classes(frozenset({E.SERVER_ERROR}), frozenset({E.RATE_LIMITED}))
    args = (None, None, NOON, 0.0, 1.0, classes)
    assert after_failure(AttemptKind.DOWNLOAD, None, E.RATE_LIMITED, *args).closes
    assert after_failure(AttemptKind.DOWNLOAD, None, E.SERVER_ERROR, *args).next_retry_at is not None


LATER = NOON + dt.timedelta(minutes=5)
SOON = NOON + dt.timedelta(seconds=60)
CASES = {
    "R145-transient-and-due": (known(), "retry"),
    "R145-due-by-now": (known(next_retry_at=NOON), "retry"),
    "R145-due-within-a-minute": (known(next_retry_at=SOON), "retry"),
    "R145-not-due": (known(next_retry_at=LATER), "not_due"),
    "R145-twice-tried": (known(retry_count=2), "retry"),
    "R147-three-times-tried": (known(retry_count=3), "close"),
    "R146-permanent": (known(error_type=E.NOT_FOUND), "close"),
    "R146-permanent-whatever-its-time": (known(error_type=E.GONE, next_retry_at=LATER), "close"),
    "D4-ambiguous": (known(error_type=E.SERVER_ERROR), "ambiguous"),
    "D4-no-type": (known(error_type=None), "ambiguous"),
    "R159-no-address": (known(provider_url=None), "without_url"),
    "R159-empty-address": (known(provider_url="", error_type=E.SERVER_ERROR), "without_url"),
    "R153-closed": (known(status=ImageStatus.PERMANENTLY_FAILED), None),
    "stored": (known(status=ImageStatus.UPLOADED, storage_key="k", sha256="1"), None),
    "skipped": (known(status=ImageStatus.SKIPPED), None),
    "external": (known(status=ImageStatus.EXTERNAL), None),
    "deleted": (known(deleted_at=NOON), None),
}


def pile_of(photo: KnownPhoto, **choice: Any) -> str | None:
    """The one pile of a plan that the photo is on."""
    plan = plan_recovery([photo], RecoveryChoice(**choice), NOON, DEFAULT_CLASSES)
    piles = [name for name in plan.__dataclass_fields__ if photo in getattr(plan, name)]
    assert len(piles) <= 1
    return piles[0] if piles else None


@pytest.mark.parametrize(("photo", "pile"), CASES.values(), ids=CASES)
def test_r145_r146_r153_r159_r160_the_plan(photo: KnownPhoto, pile: str | None) -> None:
    assert pile_of(photo) == pile
    assert pile_of(photo, image_ids=[2]) is None
    assert pile_of(photo, except_ids=[1]) is None


@pytest.mark.parametrize(("photo", "pile"), CASES.values(), ids=CASES)
def test_r162_chosen_ids_pass_the_same_rules(photo: KnownPhoto, pile: str | None) -> None:
    """What was chosen and is not failed is told as passed over instead of going unmentioned."""
    assert pile_of(photo, image_ids=[1]) == (pile or "passed_over")


@pytest.mark.parametrize(("photo", "pile"), CASES.values(), ids=CASES)
def test_d4_include_ambiguous_adds_the_ambiguous_and_nothing_else(photo: KnownPhoto, pile: str | None) -> None:
    assert pile_of(photo, include_ambiguous=True) == ("retry" if pile == "ambiguous" else pile)


@pytest.mark.parametrize(
    ("choice", "is_chosen"),
    [
        ({"error_types": [E.RATE_LIMITED]}, True),
        ({"error_types": [E.NETWORK_ERROR]}, False),
        ({"providers": ["foursquare", "here"]}, True),
        ({"providers": ["here"]}, False),
        ({"providers": ["foursquare"], "error_types": [E.NETWORK_ERROR]}, False),
    ],
)
def test_a_choice_narrows_everything(choice: dict[str, Any], is_chosen: bool) -> None:
    assert (pile_of(known(), **choice) == "retry") is is_chosen
    assert (pile_of(known(retry_count=3), **choice) == "close") is is_chosen


def test_d4_an_ambiguous_one_that_a_person_wants_waits_for_its_time_too() -> None:
    assert pile_of(known(error_type=E.SERVER_ERROR, next_retry_at=LATER), include_ambiguous=True) == "not_due"


def test_those_due_first_come_first() -> None:
    rows = [
        known(id=4, next_retry_at=SOON),
        known(id=3, next_retry_at=NOON - dt.timedelta(hours=1)),
        known(id=2, next_retry_at=None),
        known(id=1, next_retry_at=SOON),
    ]
    plan = plan_recovery(rows, RecoveryChoice(), NOON, DEFAULT_CLASSES)
    assert [photo.id for photo in plan.retry] == [2, 3, 1, 4]


@pytest.mark.parametrize(("due", "seconds"), [(None, 0.0), (NOON - dt.timedelta(1), 0.0), (SOON, 60.0)])
def test_seconds_until_due(due: dt.datetime | None, seconds: float) -> None:
    assert seconds_until_due(known(next_retry_at=due), NOON) == seconds


@pytest.mark.parametrize(
    ("error_type", "status_code", "counts"),
    [
        (E.RATE_LIMITED, 429, True),
        (E.RATE_LIMITED, None, False),
        (E.SERVICE_UNAVAILABLE, 503, True),
        (E.SERVICE_UNAVAILABLE, None, False),
        (E.NETWORK_TIMEOUT, None, True),
        (E.NETWORK_ERROR, None, True),
        (E.NOT_AN_IMAGE, 200, True),
        (E.INVALID_URL, None, True),
        (E.STORAGE_ERROR, None, False),
    ],
)
def test_r147_r125_what_says_nothing_of_the_image_is_no_attempt(
    error_type: ErrorType, status_code: int | None, counts: bool
) -> None:
    assert counts_as_attempt(error_type, status_code) is counts


@pytest.mark.parametrize(
    ("providers", "is_bulk", "priority"),
    [
        (["google_places"], True, 1),
        (["foursquare", "google_places"], False, 1),
        (["foursquare"], False, 2),
        ([], False, 2),
        (["foursquare"], True, 3),
        ([], True, 3),
    ],
)
def test_r214_expiring_links_then_people_then_bulk(providers: Collection[str], is_bulk: bool, priority: int) -> None:
    assert queue_priority(providers, is_bulk=is_bulk) == priority
