"""Which failed images are retried when, and what another failure means (images.md D3, D4, 6-8, 12). Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final

from trivia_scraper.domain.failures import ErrorType, FailureClass
from trivia_scraper.domain.models import ImageStatus
from trivia_scraper.domain.photos import AttemptKind, KnownPhoto
from trivia_scraper.policy.classifying import MOST_RECOVERIES, ErrorClasses

FIRST_WAIT_SECONDS: Final = 2.0
LONGEST_WAIT_SECONDS: Final = 86_400.0
MOST_JITTER: Final = 0.1
WAITED_FOR_SECONDS: Final = 60.0
"""An image that is due within this is waited for; a later one is told as not due (images.md 2)."""
EXPIRING_PROVIDERS: Final = frozenset({"google_places"})
"""Providers whose stored addresses stop working after a while (images.md 2)."""

EXPIRING_LINKS, NORMAL, BULK = 1, 2, 3


@dataclass(frozen=True, slots=True)
class Aftermath:
    """What a failure means: the end of all automation, or when it is due again by itself (None = it is not)."""

    closes: bool
    next_retry_at: dt.datetime | None


def after_failure(
    kind: AttemptKind,
    known: KnownPhoto | None,
    error_type: ErrorType,
    retry_after_seconds: float | None,
    usual_wait_seconds: float | None,
    now: dt.datetime,
    jitter: float,
    base_seconds: float,
    classes: ErrorClasses,
) -> Aftermath:
    """What one more failure of an image means (D3, D4, R147, R150-R152).

    known   the row as it was before this attempt; None = a new image
    usual_wait_seconds  median of the waits that the provider asked for lately, or None
    jitter  0 … 1
    A permanent class closes at once, the third failed recovery closes whatever it was. A failed replacement of a
    good picture closes nothing. An ambiguous failure is never due by itself; our own store's refusal is due at
    once, so that the next run takes it up (safety.md F18).
    """
    is_recovery = kind is AttemptKind.RECOVERY
    failure_class = classes.of(error_type)
    recoveries = (known.retry_count if known else 0) + is_recovery
    if known is not None and known.has_file:
        closes = False
    else:
        closes = failure_class is FailureClass.PERMANENT or (is_recovery and recoveries >= MOST_RECOVERIES)
    if closes:
        return Aftermath(closes=True, next_retry_at=None)
    if error_type is ErrorType.STORAGE_ERROR:
        return Aftermath(closes=False, next_retry_at=now)
    if failure_class is not FailureClass.TRANSIENT:
        return Aftermath(closes=False, next_retry_at=None)
    usual = usual_wait_seconds if error_type is ErrorType.RATE_LIMITED else None
    streak = (known.failure_streak if known else 0) + is_recovery
    wait = wait_before_recovery(streak, retry_after_seconds, usual, jitter, base_seconds)
    return Aftermath(closes=False, next_retry_at=now + dt.timedelta(seconds=wait))


def counts_as_attempt(error_type: ErrorType, status_code: int | None) -> bool:
    """Whether a failure says anything of the image.

    A host that is left alone, for the wait that it asked for or because it only failed, was not asked; that no worker
    was free to look at the bytes, or that our own store refused them, is our own trouble (R125). None has a status.
    """
    not_its_fault = (ErrorType.RATE_LIMITED, ErrorType.SERVICE_UNAVAILABLE, ErrorType.STORAGE_ERROR)
    return status_code is not None or error_type not in not_its_fault


def queue_priority(failed_at: Collection[str], *, is_bulk: bool) -> int:
    """Which requests are worked first: 1 expiring links, 2 normal ones, 3 bulk retries (R214).

    failed_at  providers of the failed images
    """
    if EXPIRING_PROVIDERS.intersection(failed_at):
        return EXPIRING_LINKS
    return BULK if is_bulk else NORMAL


def wait_before_recovery(
    failure_streak: int,
    retry_after_seconds: float | None,
    usual_wait_seconds: float | None,
    jitter: float,
    base_seconds: float,
) -> float:
    """Seconds until the next recovery attempt (images.md 7, 12; R227).

    2, 4, 8 s × base after 0, 1, 2 failed recoveries in a row, then 16, 32 … , never earlier than that and at most a
    tenth later. Retry-After overrides. Without it, at least what the provider usually asks for. At most 24 h.
    """
    if retry_after_seconds is not None:
        return min(max(retry_after_seconds, 0.0), LONGEST_WAIT_SECONDS)
    # 2**17 s is more than a day with any base from 1 on; a long streak must not overflow.
    wait = FIRST_WAIT_SECONDS * 2.0 ** min(failure_streak, 64) * base_seconds * (1.0 + MOST_JITTER * jitter)
    return min(max(wait, usual_wait_seconds or 0.0), LONGEST_WAIT_SECONDS)


@dataclass(frozen=True, slots=True)
class RecoveryChoice:
    """Which of an owner's failed images a recovery is about. Empty collections choose all.

    except_ids     attempted by this run already
    waits_seconds  how far from now an image may be due and still be waited for
    """

    image_ids: Collection[int] = ()
    except_ids: Collection[int] = ()
    error_types: Collection[ErrorType] = ()
    providers: Collection[str] = ()
    include_ambiguous: bool = False
    waits_seconds: float = WAITED_FOR_SECONDS

    def is_about(self, photo: KnownPhoto) -> bool:
        """Whether this image was chosen, whatever its state."""
        return (
            photo.id not in self.except_ids
            and (not self.image_ids or photo.id in self.image_ids)
            and (not self.error_types or photo.error_type in self.error_types)
            and (not self.providers or photo.provider in self.providers)
        )


@dataclass(frozen=True, slots=True)
class RecoveryPlan:
    """What happens to an owner's failed images (images.md 8, steps 2 and 3).

    retry         due now or soon, those due first first
    not_due       retried later
    close         of a permanent class, or tried three times: closed
    without_url   nothing to ask for: closed as invalid_url (R159)
    ambiguous     wait for a person
    passed_over   chosen by id, but not failed: stored, closed, skipped, deleted
    """

    retry: tuple[KnownPhoto, ...] = ()
    not_due: tuple[KnownPhoto, ...] = ()
    close: tuple[KnownPhoto, ...] = ()
    without_url: tuple[KnownPhoto, ...] = ()
    ambiguous: tuple[KnownPhoto, ...] = ()
    passed_over: tuple[KnownPhoto, ...] = ()


def plan_recovery(
    photos: Iterable[KnownPhoto], choice: RecoveryChoice, now: dt.datetime, classes: ErrorClasses
) -> RecoveryPlan:
    """Sort an owner's images by what recovery does with them (R145, R146, R153, R159-R161)."""
    piles: dict[str, list[KnownPhoto]] = {name: [] for name in RecoveryPlan.__dataclass_fields__}
    for photo in photos:
        if choice.is_about(photo):
            pile = _pile_of(photo, choice, now, classes)
            if pile is not None:
                piles[pile].append(photo)
    piles["retry"].sort(key=lambda photo: (photo.next_retry_at or _LONG_AGO, photo.id))
    return RecoveryPlan(**{name: tuple(pile) for name, pile in piles.items()})


_LONG_AGO: Final = dt.datetime.min.replace(tzinfo=dt.UTC)


def _pile_of(photo: KnownPhoto, choice: RecoveryChoice, now: dt.datetime, classes: ErrorClasses) -> str | None:
    if photo.status is not ImageStatus.FAILED or photo.deleted_at is not None:
        return "passed_over" if photo.id in choice.image_ids else None
    if not photo.provider_url:
        return "without_url"
    failure_class = classes.of_image(photo.status, photo.retry_count, photo.error_type)
    if failure_class is FailureClass.PERMANENT:
        return "close"
    if failure_class is FailureClass.AMBIGUOUS and not choice.include_ambiguous:
        return "ambiguous"
    return "not_due" if seconds_until_due(photo, now) > choice.waits_seconds else "retry"


def seconds_until_due(photo: KnownPhoto, now: dt.datetime) -> float:
    """How long an image still has to wait; 0 = it is due."""
    if photo.next_retry_at is None:
        return 0.0
    return max((photo.next_retry_at - now).total_seconds(), 0.0)
