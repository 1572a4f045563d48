"""One image: what the ledger knows → plan → download into a stage → check. Bytes first, row later (`storing`).

`refresh_image` never raises for a failing image: a failure is a value that `storing` writes into the ledger.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Final

from trivia_scraper.domain.catalog import ClaimedOwner, ImageFailure, ImageSave, KnownImage, NewBytes
from trivia_scraper.domain.errors import ImageRejected, ImageUnreachable, RateLimited, StorageFull, TriviaScraperError
from trivia_scraper.domain.failures import ErrorType, Reason
from trivia_scraper.domain.images import InspectedImage
from trivia_scraper.domain.log_events import LogEvent
from trivia_scraper.domain.models import ImageRef, ImageRole, Listing
from trivia_scraper.domain.options import RefreshOptions
from trivia_scraper.domain.outcomes import ImageOutcome, ImageOutcomeKind
from trivia_scraper.domain.pages import ImageDownloaded, ImageNotModified, ImageRequest, Validators
from trivia_scraper.domain.redaction import strip_secrets
from trivia_scraper.pipeline.attempts import Attempted, attempt
from trivia_scraper.pipeline.cleaning import clear_before_download
from trivia_scraper.pipeline.failing import failure_fields, image_failure
from trivia_scraper.policy.consequences import first_recovery_at
from trivia_scraper.policy.identity import image_identity
from trivia_scraper.policy.image_plans import ImageAction, Offer, plan_image
from trivia_scraper.policy.naming import image_key, thumbnail_key
from trivia_scraper.ports import Services, Stage

_OUTCOME_WITHOUT_REQUEST: Final[Mapping[ImageAction, ImageOutcomeKind]] = {
    ImageAction.REUSE: ImageOutcomeKind.FRESH_SKIPPED,
    ImageAction.SHARED: ImageOutcomeKind.SHARED,
    ImageAction.RETRY_LATER: ImageOutcomeKind.RETRY_LATER,
    ImageAction.CLOSED: ImageOutcomeKind.CLOSED,
}
_SLOT_HOLDER_VISITS: Final = 3
_LEAST_BETWEEN_VISITS: Final = dt.timedelta(days=5)
_REFUSED_CONTENT: Final = frozenset({ErrorType.NOT_AN_IMAGE, ErrorType.FILE_TOO_LARGE})


@dataclass(frozen=True, slots=True)
class PreparedImage:
    """An image ready for its row: the outcome, what to save, and bodies waiting to be adopted by key."""

    outcome: ImageOutcome
    save: ImageSave | None = None
    bodies: tuple[tuple[str, Stage | bytes], ...] = ()


@dataclass(frozen=True, slots=True)
class OfferingPage:
    """The listing whose page offers an image, and the slug of its venue."""

    listing: Listing
    venue: str


@dataclass(frozen=True, slots=True)
class _Subject:
    """Everything that stays the same while one image is refreshed."""

    ref: ImageRef
    owner: ClaimedOwner
    page: OfferingPage
    identity: str
    known: KnownImage | None
    has_copy: bool
    started: float


async def refresh_image(
    ref: ImageRef,
    owner: ClaimedOwner,
    known: KnownImage | None,
    page: OfferingPage,
    stages: AsyncExitStack,
    options: RefreshOptions,
    services: Services,
) -> PreparedImage:
    """Refresh one image up to the point where its bytes wait in a stage. Raises only for a lost database.

    known  the ledger's row of its slot
    """
    forced = options.force_refresh_images
    services = services.with_log(url=strip_secrets(ref.url), role=ref.role, owner=owner.slug, force_refresh=forced)
    services.log.debug(LogEvent.REFRESH_TASK_VALUE)
    subject = await _look_at_copy(ref, owner, known, page, services)
    action = _decide(subject, options, services)
    if action in _OUTCOME_WITHOUT_REQUEST:
        return PreparedImage(_outcome(_OUTCOME_WITHOUT_REQUEST[action], ref))
    if options.clean_first and known is not None and subject.has_copy:
        await clear_before_download(owner, known, options, services)
        subject = replace(subject, has_copy=False)
    try:
        return await _fetch(subject, action, stages, options, services)
    except TriviaScraperError as error:
        return failed_image(subject_save(subject), error, services)
    except Exception as error:
        services.log.error(LogEvent.IMAGE_CRASHED, exc_info=error)
        crash = TriviaScraperError(f"unexpected {type(error).__name__}: {error}", hint="please report this")
        return failed_image(subject_save(subject), crash, services)


async def _look_at_copy(
    ref: ImageRef, owner: ClaimedOwner, known: KnownImage | None, page: OfferingPage, services: Services
) -> _Subject:
    key = known.storage_key if known else None
    has_copy = key is not None and await services.files.stat(key) is not None
    if key is not None and not has_copy:
        services.log.error(LogEvent.FILE_MISSING, path=key)
    return _Subject(ref, owner, page, image_identity(ref), known, has_copy, services.clock.monotonic())


def _decide(subject: _Subject, options: RefreshOptions, services: Services) -> ImageAction:
    settings = services.settings
    offer = Offer(
        identity=subject.identity,
        listing_key=subject.page.listing.key,
        run_id=services.run_id,
        now=services.clock.now(),
        file_present=subject.has_copy,
        revalidate_after=settings.image_revalidate_after,
        slot_holder_trusted_for=_SLOT_HOLDER_VISITS * max(settings.detail_freshness, _LEAST_BETWEEN_VISITS),
    )
    plan = plan_image(subject.known, offer, options)
    path = subject.known.storage_key if subject.known else None
    if plan.action is ImageAction.REUSE:
        services.log.info(LogEvent.IMAGE_SKIPPED_EXISTING, path=path, message="skipping download", why=plan.why)
    elif plan.action is ImageAction.SHARED:
        services.log.debug(LogEvent.IMAGE_ALREADY_REFRESHED, path=path, why=plan.why)
    else:
        services.log.debug(LogEvent.IMAGE_PLANNED, plan=plan.action, path=path, why=plan.why)
    return plan.action


async def _fetch(
    subject: _Subject, action: ImageAction, stages: AsyncExitStack, options: RefreshOptions, services: Services
) -> PreparedImage:
    stage = await stages.enter_async_context(services.files.stage())
    answer = await _download(subject, action, stage, options, services)
    if isinstance(answer.value, ImageNotModified):
        services.log.info(LogEvent.IMAGE_REVALIDATED, path=subject.known and subject.known.storage_key)
        return _verified(subject, ImageOutcomeKind.UNCHANGED_304, answer.value.validators, 304, answer, services)
    inspected = await services.inspector.inspect(stage.body(), options)
    services.log.debug(
        LogEvent.IMAGE_CHECKED,
        format=inspected.format,
        worker_force_refresh=inspected.force_refresh,
        bytes=stage.size,
    )
    return _prepare(subject, stage, inspected, answer.value, answer.attempts, options, services)


async def _download(
    subject: _Subject, action: ImageAction, stage: Stage, options: RefreshOptions, services: Services
) -> Attempted[ImageDownloaded | ImageNotModified]:
    known, settings = subject.known, services.settings
    validators = None
    if action is ImageAction.REVALIDATE and known is not None:
        validators = Validators(known.etag, known.last_modified)
    request = ImageRequest(subject.ref.url, validators)
    attempts = 0

    async def once() -> ImageDownloaded | ImageNotModified:
        nonlocal attempts
        attempts += 1
        if not await services.files.has_room():
            raise StorageFull("free space is below storage.min_free: downloads pause", reason=Reason.DISK_FULL)
        services.log.info(LogEvent.IMAGE_DOWNLOAD, conditional=validators is not None)
        if subject.has_copy and options.force_refresh_images:
            services.log.info(LogEvent.IMAGE_FORCING_EXISTING, path=known and known.storage_key)
        await stage.restart()
        answer = await services.fetcher.download_image(
            request, stage, options, deadline_seconds=settings.download_deadline_seconds
        )
        await stage.complete()
        return answer

    deadline = _task_deadline(subject.ref.role, services)
    try:
        async with asyncio.timeout(deadline):
            return await attempt(once, "image download", services, budget_seconds=deadline)
    except TimeoutError as error:
        late = ImageUnreachable(
            f"no complete image within {deadline:g} s", error_type=ErrorType.NETWORK_TIMEOUT, reason=Reason.DEADLINE
        )
        late.attempts = attempts
        raise late from error


def _task_deadline(role: ImageRole, services: Services) -> float:
    settings = services.settings
    return settings.performer_deadline_seconds if role is ImageRole.PROFILE else settings.hero_deadline_seconds


def _prepare(
    subject: _Subject,
    stage: Stage,
    inspected: InspectedImage,
    answer: ImageDownloaded,
    attempts: int,
    options: RefreshOptions,
    services: Services,
) -> PreparedImage:
    known, same_bytes = subject.known, _is_same(subject.known, stage)
    if same_bytes and subject.has_copy and not options.force_refresh_images and _is_same_identity(subject):
        attempted = Attempted(answer, attempts)
        kind = ImageOutcomeKind.UNCHANGED_HASH
        return _verified(subject, kind, answer.validators, answer.status_code, attempted, services)
    kind = ImageOutcomeKind.NEW
    if known is not None and subject.has_copy:
        kind = ImageOutcomeKind.UNCHANGED_HASH if same_bytes else ImageOutcomeKind.REPLACED
    new, bodies = _new_bytes(subject, stage, inspected)
    save = replace(
        subject_save(subject),
        outcome=kind,
        new=new,
        etag=answer.validators.etag,
        last_modified=answer.validators.last_modified,
        status_code=answer.status_code,
        attempts=attempts,
        duration_ms=_milliseconds_since(subject.started, services),
        bytes_received=answer.bytes_received,
    )
    outcome = _outcome(kind, subject.ref, received=answer.bytes_received, key=new.storage_key)
    return PreparedImage(outcome, save, bodies)


def _new_bytes(
    subject: _Subject, stage: Stage, inspected: InspectedImage
) -> tuple[NewBytes, tuple[tuple[str, Stage | bytes], ...]]:
    owner, digest = subject.owner, stage.sha256
    if inspected.rewritten is not None:
        digest = sha256(inspected.rewritten).hexdigest()
    key = image_key(owner.kind, owner.slug, subject.ref.role, digest, inspected.format)
    main: Stage | bytes = stage if inspected.rewritten is None else inspected.rewritten
    bodies: list[tuple[str, Stage | bytes]] = [(key, main)]
    thumb_key = None
    if inspected.thumbnail is not None and inspected.thumbnail_format is not None:
        thumb_key = thumbnail_key(key, inspected.thumbnail_format)
        bodies.append((thumb_key, inspected.thumbnail))
    new = NewBytes(
        storage_key=key,
        thumb_key=thumb_key,
        sha256=digest,
        source_sha256=stage.sha256,
        bytes=stage.size if inspected.rewritten is None else len(inspected.rewritten),
        format=inspected.format,
        width=inspected.width,
        height=inspected.height,
        dhash=inspected.dhash,
    )
    return new, tuple(bodies)


def _verified(
    subject: _Subject,
    kind: ImageOutcomeKind,
    validators: Validators,
    status_code: int,
    answer: Attempted[ImageDownloaded | ImageNotModified] | Attempted[ImageDownloaded],
    services: Services,
) -> PreparedImage:
    received = answer.value.bytes_received if isinstance(answer.value, ImageDownloaded) else 0
    save = replace(
        subject_save(subject),
        outcome=kind,
        etag=validators.etag,
        last_modified=validators.last_modified,
        status_code=status_code,
        attempts=answer.attempts,
        duration_ms=_milliseconds_since(subject.started, services),
        bytes_received=received,
    )
    return PreparedImage(_outcome(kind, subject.ref, received=received), save)


def subject_save(subject: _Subject) -> ImageSave:
    """What every save of this image has in common, before anything is known of how it ended."""
    return ImageSave(
        owner=subject.owner,
        venue=subject.page.venue,
        ref=subject.ref,
        identity=subject.identity,
        provider_url=strip_secrets(subject.ref.url),
        listing_key=subject.page.listing.key,
        keeps_old=subject.has_copy,
        old_key=subject.known.storage_key if subject.known else None,
        outcome=ImageOutcomeKind.FAILED,
        new=None,
        failure=None,
        etag=None,
        last_modified=None,
        status_code=None,
        attempts=1,
        duration_ms=0,
        bytes_received=0,
        next_retry_at=None,
    )


def failed_image(save: ImageSave, error: TriviaScraperError, services: Services) -> PreparedImage:
    """The failure as a value: the last good image and its row stay (D1, R39)."""
    kind = ImageOutcomeKind.REJECTED if error.error_type in _REFUSED_CONTENT else ImageOutcomeKind.FAILED
    ref, retry_after = save.ref, error.retry_after_seconds if isinstance(error, RateLimited) else None
    failure = image_failure(
        error, source=ref.provider, venue=save.venue, url=ref.url, role=ref.role, keeps_old=save.keeps_old
    )
    services.log.warning(LogEvent.IMAGE_REFRESH_FAILED, keeps_old=save.keeps_old, **failure_fields(failure))
    due = first_recovery_at(services.clock.now(), error.error_type, retry_after, services.random())
    recorded = ImageFailure(
        error_type=failure.error_type,
        reason=failure.reason,
        status_code=failure.status_code,
        message=failure.message,
        attempts=failure.attempts,
        excerpt=error.excerpt if isinstance(error, ImageRejected) else "",
    )
    save = replace(save, outcome=kind, new=None, failure=recorded, attempts=failure.attempts, next_retry_at=due)
    return PreparedImage(replace(_outcome(kind, ref), failure=failure), save)


def _is_same(known: KnownImage | None, stage: Stage) -> bool:
    return known is not None and known.source_sha256 == stage.sha256


def _is_same_identity(subject: _Subject) -> bool:
    return subject.known is not None and subject.known.identity == subject.identity


def _milliseconds_since(started: float, services: Services) -> int:
    return round((services.clock.monotonic() - started) * 1000)


def _outcome(kind: ImageOutcomeKind, ref: ImageRef, *, received: int = 0, key: str | None = None) -> ImageOutcome:
    return ImageOutcome(kind, ref.owner_kind, ref.role, strip_secrets(ref.url), received, key)
