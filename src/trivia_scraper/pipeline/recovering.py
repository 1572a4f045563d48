"""The failed images of one owner, tried again from their stored addresses: read, plan, close, then one by one.

A killed process loses nothing: an attempt counts when its outcome is written, in one transaction with it, so a rerun
reads fresh rows and goes on. The store lock keeps other processes out and the owner's lock other coroutines, which is
why no row carries a lease here.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from trivia_scraper.domain.failures import ErrorType, FailureClass
from trivia_scraper.domain.log_events import LogEvent
from trivia_scraper.domain.models import ImageRole, OwnerKind
from trivia_scraper.domain.options import RefreshOptions
from trivia_scraper.domain.outcomes import FinishReason, SkipReason
from trivia_scraper.domain.photos import AttemptKind, KnownPhoto, PhotoOutcome, PhotoOutcomeKind
from trivia_scraper.domain.recovery import NOTHING_TO_DO, OwnerRecovery, OwnerRef, RecoveredImage, RecoveryEnd
from trivia_scraper.pipeline.attempts import attempt_storing
from trivia_scraper.pipeline.limits import RunLimits
from trivia_scraper.pipeline.photos import known_as_photo, store_photo
from trivia_scraper.pipeline.provider_pace import closed_until, learn, look_closed_until, wait_turn
from trivia_scraper.pipeline.recovery_telling import after_attempt, not_attempted, refused_by_store
from trivia_scraper.policy.classifying import MOST_RECOVERIES
from trivia_scraper.policy.recovering import RecoveryChoice, RecoveryPlan, plan_recovery, seconds_until_due
from trivia_scraper.ports import Services

_STOPS = {SkipReason.INTERRUPTED: FinishReason.INTERRUPTED, SkipReason.OUT_OF_TIME: FinishReason.MAX_TIME}


async def recover_images(
    owner: OwnerRef, choice: RecoveryChoice, limits: RunLimits, options: RefreshOptions, services: Services
) -> OwnerRecovery:
    """One owner under its lock (R163). Raises only for a lost database."""
    services = services.with_log(owner_kind=owner.kind, owner_id=owner.id)
    async with services.locks.hold(owner.kind, owner.id):
        photos = await attempt_storing(
            lambda: services.photos.owner_photos(owner.kind, owner.id), "reading an owner's images", services
        )
        plan = plan_recovery(photos, choice, services.clock.now(), services.settings.classes)
        recovery = OwnerRecovery(owner, photos[0].owner_slug if photos else "")
        services.log.debug(
            LogEvent.RECOVERY_PLANNED,
            retry=len(plan.retry), close=len(plan.close) + len(plan.without_url), not_due=len(plan.not_due),
            ambiguous=len(plan.ambiguous), passed_over=len(plan.passed_over),
        )  # fmt: skip
        if options.dry_run:
            await _tell_plan(plan, recovery, services)
        else:
            await _carry_out(plan, recovery, limits, options, services)
    _tell(recovery, services)
    return recovery


async def _carry_out(
    plan: RecoveryPlan, recovery: OwnerRecovery, limits: RunLimits, options: RefreshOptions, services: Services
) -> None:
    for photo in plan.close:
        recovery.images.append(await _close(photo, without_url=False, services=services))
    for photo in plan.without_url:
        recovery.images.append(await _close(photo, without_url=True, services=services))
    await _retry_all(plan.retry, recovery, limits, options, services)
    recovery.images += [not_attempted(photo, RecoveryEnd.NOT_DUE) for photo in plan.not_due]
    recovery.images += [not_attempted(photo, RecoveryEnd.AMBIGUOUS) for photo in plan.ambiguous]
    recovery.images += [not_attempted(photo, RecoveryEnd.PASSED_OVER) for photo in plan.passed_over]
    await _rank(recovery, services)


async def _tell_plan(plan: RecoveryPlan, recovery: OwnerRecovery, services: Services) -> None:
    """What would happen, breakers included (dry run)."""
    for photo in plan.retry:
        until = await look_closed_until(photo.provider_url or "", services)
        if until is None:
            recovery.images.append(not_attempted(photo, RecoveryEnd.WOULD_RETRY))
        else:
            recovery.images.append(_left_alone(photo, until))
    for end, photos in (
        (RecoveryEnd.WOULD_CLOSE, (*plan.close, *plan.without_url)),
        (RecoveryEnd.NOT_DUE, plan.not_due),
        (RecoveryEnd.AMBIGUOUS, plan.ambiguous),
        (RecoveryEnd.PASSED_OVER, plan.passed_over),
    ):
        recovery.images += [not_attempted(photo, end) for photo in photos]


async def _close(photo: KnownPhoto, *, without_url: bool, services: Services) -> RecoveredImage:
    at = services.clock.now()
    closed = await attempt_storing(
        lambda: services.recoveries.close_image(
            photo.id, photo.version, without_url=without_url, run_id=services.run_id, at=at
        ),
        "closing an image",
        services,
    )
    return not_attempted(photo, RecoveryEnd.CLOSED if closed else RecoveryEnd.CHANGED, without_url=without_url)


async def _retry_all(
    photos: Sequence[KnownPhoto],
    recovery: OwnerRecovery,
    limits: RunLimits,
    options: RefreshOptions,
    services: Services,
) -> None:
    """One after the other (R127); one failure stops nothing (R129)."""
    is_first = True
    for place, photo in enumerate(photos):
        recovery.stopped = await _why_stop(limits, services)
        if recovery.stopped is None and await _await_due(photo, services):
            recovery.stopped = await _why_stop(limits, services)
        if recovery.stopped is not None:
            recovery.images += [not_attempted(each, RecoveryEnd.LEFT) for each in photos[place:]]
            return
        image = await _retry(photo, is_first, options, services)
        is_first = is_first and not image.was_attempted
        recovery.images.append(image)


async def _why_stop(limits: RunLimits, services: Services) -> FinishReason | None:
    reason = limits.why_stop()
    if reason is not None:
        return _STOPS[reason]
    if await services.files.has_room():
        return None
    # Our own disk is nobody's failed attempt: nothing is asked, so nothing is counted.
    services.log.error(LogEvent.STORAGE_FULL, error="free space is below storage.min_free: recovery stops")
    return FinishReason.STORAGE_FULL


async def _retry(photo: KnownPhoto, is_first: bool, options: RefreshOptions, services: Services) -> RecoveredImage:
    if not services.settings.photos.download:
        return not_attempted(photo, RecoveryEnd.PASSED_OVER, note="downloads are switched off")
    services = services.with_log(image=photo.id, recovery_attempt=f"{photo.retry_count + 1}/{MOST_RECOVERIES}")
    until = await closed_until(photo.provider_url or "", services)
    if until is not None:
        return await _postpone(photo, until, services)
    await wait_turn(photo.provider, is_first=is_first, services=services)
    fetched = known_as_photo(photo, services.clock.now())
    outcome = await store_photo(
        fetched, photo.owner, photo, AttemptKind.RECOVERY, tries=1, options=options, services=services
    )
    if outcome.kind is PhotoOutcomeKind.POSTPONED:
        return await _uncounted(photo, outcome, services)
    error_type = outcome.failure.error_type if outcome.failure else None
    await learn(photo.provider, fetched.url, error_type, outcome.retry_after_seconds, services)
    return after_attempt(photo, outcome)


async def _await_due(photo: KnownPhoto, services: Services) -> bool:
    """Wait for an image that is due soon; whether there was anything to wait for."""
    seconds = seconds_until_due(photo, services.clock.now())
    if not seconds or not services.settings.photos.download:
        return False
    services.log.debug(LogEvent.RECOVERY_WAITING, image=photo.id, wait_seconds=round(seconds, 1))
    await services.sleep(seconds)
    return True


async def _uncounted(photo: KnownPhoto, outcome: PhotoOutcome, services: Services) -> RecoveredImage:
    """The row is as it was: its host was not asked, or the bytes could not be looked at or kept."""
    if outcome.failure is not None and outcome.failure.error_type is ErrorType.STORAGE_ERROR:
        return refused_by_store(photo, outcome.failure)
    wait = outcome.retry_after_seconds
    if wait is not None:
        return await _postpone(photo, services.clock.now() + dt.timedelta(seconds=wait), services)
    note = outcome.failure.message if outcome.failure else ""
    return not_attempted(photo, RecoveryEnd.NOT_DUE, note=note)


async def _postpone(photo: KnownPhoto, until: dt.datetime, services: Services) -> RecoveredImage:
    """Its host is left alone: due when that ends, and nothing is counted (R225)."""
    at = services.clock.now()
    # An ambiguous failure that a person chose is not due by itself, now or then (D4).
    if services.settings.classes.of(photo.error_type) is FailureClass.TRANSIENT:
        await attempt_storing(
            lambda: services.recoveries.postpone(photo.id, photo.version, until, at), "postponing an image", services
        )
    return _left_alone(photo, until)


def _left_alone(photo: KnownPhoto, until: dt.datetime) -> RecoveredImage:
    return not_attempted(photo, RecoveryEnd.NOT_DUE, due=until, note="its host is left alone until then")


async def _rank(recovery: OwnerRecovery, services: Services) -> None:
    moved = (RecoveryEnd.UPLOADED, RecoveryEnd.CLOSED)
    changed = any(image.end in moved and image.role is ImageRole.GALLERY for image in recovery.images)
    if changed and recovery.owner.kind is OwnerKind.VENUE:
        await attempt_storing(lambda: services.photos.rank_gallery(recovery.owner.id), "ranking a gallery", services)


def _tell(recovery: OwnerRecovery, services: Services) -> None:
    quiet = recovery.message == NOTHING_TO_DO
    say = services.log.debug if quiet else services.log.info
    say(LogEvent.RECOVERY_FINISHED, owner=recovery.slug, message=recovery.message, **recovery.counts)
