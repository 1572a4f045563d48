"""One image: what the ledger knows → plan → download into a stage → check. Bytes first, row later (`storing`).

`refresh_image` never raises for a failing image: a failure is a value that `storing` writes into the ledger.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from typing import Final

from trivia_scraper.domain.catalog import ClaimedOwner, ImageFailure, ImageSave, KnownImage
from trivia_scraper.domain.errors import ImageRejected, TriviaScraperError
from trivia_scraper.domain.failures import ErrorType
from trivia_scraper.domain.images import InspectedImage
from trivia_scraper.domain.log_events import LogEvent
from trivia_scraper.domain.models import ImageRef, Listing
from trivia_scraper.domain.options import RefreshOptions
from trivia_scraper.domain.outcomes import ImageOutcome, ImageOutcomeKind
from trivia_scraper.domain.pages import ImageDownloaded, ImageNotModified, ImageRequest, Validators
from trivia_scraper.domain.photos import AttemptKind
from trivia_scraper.domain.redaction import strip_secrets
from trivia_scraper.pipeline.attempts import Attempted
from trivia_scraper.pipeline.cleaning import clear_before_download
from trivia_scraper.pipeline.downloading import Bodies, Wanted, download, inspect, new_bytes, task_deadline
from trivia_scraper.pipeline.failing import failure_fields, image_failure
from trivia_scraper.pipeline.judging import refuse_worse
from trivia_scraper.policy.identity import image_identity
from trivia_scraper.policy.image_plans import ImageAction, Offer, plan_image
from trivia_scraper.policy.recovering import after_failure
from trivia_scraper.policy.replacements import PictureFacts
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
    """An image ready for its row: the outcome, what to save, and bodies waiting to be adopted by key.

    owner     slug of whose picture it is
    provider  the source that offers it
    """

    outcome: ImageOutcome
    owner: str
    provider: str
    save: ImageSave | None = None
    bodies: Bodies = ()


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
    has_key = known is not None and known.storage_key is not None
    subject = _Subject(ref, owner, page, image_identity(ref), known, has_key, services.clock.monotonic())
    try:
        subject = await _look_at_copy(subject, services)
    except TriviaScraperError as error:  # the image store does not answer: what the row says is believed
        return failed_image(subject_save(subject, services), error, services)
    action = _decide(subject, options, services)
    if action in _OUTCOME_WITHOUT_REQUEST:
        return PreparedImage(_outcome(_OUTCOME_WITHOUT_REQUEST[action], ref), owner.slug, ref.provider)
    if options.clean_first and known is not None and subject.has_copy:
        await clear_before_download(owner, known, options, services)
        subject = replace(subject, has_copy=False)
    try:
        return await _fetch(subject, action, stages, options, services)
    except TriviaScraperError as error:
        return failed_image(subject_save(subject, services), error, services)
    except Exception as error:
        services.log.error(LogEvent.IMAGE_CRASHED, exc_info=error)
        crash = TriviaScraperError(f"unexpected {type(error).__name__}: {error}", hint="please report this")
        return failed_image(subject_save(subject, services), crash, services)


async def _look_at_copy(subject: _Subject, services: Services) -> _Subject:
    key = subject.known.storage_key if subject.known else None
    has_copy = key is not None and await services.files.stat(key) is not None
    if key is not None and not has_copy:
        services.log.error(LogEvent.FILE_MISSING, path=key)
    return replace(subject, has_copy=has_copy)


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
    known = subject.known
    validators = None
    if action is ImageAction.REVALIDATE and known is not None:
        validators = Validators(known.etag, known.last_modified)
    wanted = Wanted(
        request=ImageRequest(subject.ref.url, validators),
        tries=services.settings.attempts,
        deadline_seconds=task_deadline(subject.ref.role, services),
        replaces=known.storage_key if known is not None and subject.has_copy else None,
    )
    answer = await download(wanted, stage, options, services)
    if isinstance(answer.value, ImageNotModified):
        services.log.info(LogEvent.IMAGE_REVALIDATED, path=known and known.storage_key)
        return _verified(subject, ImageOutcomeKind.UNCHANGED_304, answer.value.validators, 304, answer, services)
    inspected = await inspect(stage, options, services)
    await _refuse_worse(subject, stage, inspected, services)
    return _prepare(subject, stage, inspected, answer.value, answer.attempts, options, services)


async def _refuse_worse(subject: _Subject, stage: Stage, inspected: InspectedImage, services: Services) -> None:
    known = subject.known
    if known is None or not subject.has_copy or _is_same(known, stage):
        return
    old = PictureFacts(known.width, known.height, known.is_blank, is_placeholder=False)
    await refuse_worse(subject.ref.provider, subject.owner, old, stage.sha256, inspected, services)


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
    new, bodies = new_bytes(subject.owner, subject.ref.role, stage, inspected)
    save = replace(
        subject_save(subject, services),
        outcome=kind,
        new=new,
        etag=answer.validators.etag,
        last_modified=answer.validators.last_modified,
        status_code=answer.status_code,
        attempts=attempts,
        bytes_received=answer.bytes_received,
    )
    outcome = _outcome(kind, subject.ref, received=answer.bytes_received, key=new.storage_key)
    return _prepared(outcome, save, bodies)


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
        subject_save(subject, services),
        outcome=kind,
        etag=validators.etag,
        last_modified=validators.last_modified,
        status_code=status_code,
        attempts=answer.attempts,
        bytes_received=received,
    )
    return _prepared(_outcome(kind, subject.ref, received=received), save)


def _prepared(outcome: ImageOutcome, save: ImageSave, bodies: Bodies = ()) -> PreparedImage:
    return PreparedImage(outcome, save.owner.slug, save.ref.provider, save, bodies)


def subject_save(subject: _Subject, services: Services) -> ImageSave:
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
        duration_ms=_milliseconds_since(subject.started, services),
        bytes_received=0,
        next_retry_at=None,
    )


def failed_image(save: ImageSave, error: TriviaScraperError, services: Services) -> PreparedImage:
    """The failure as a value: the last good image and its row stay (D1, R39)."""
    kind = ImageOutcomeKind.REJECTED if error.error_type in _REFUSED_CONTENT else ImageOutcomeKind.FAILED
    settings = services.settings
    ref = save.ref
    failure = image_failure(
        error,
        settings.classes,
        source=ref.provider,
        venue=save.venue,
        url=ref.url,
        role=ref.role,
        keeps_old=save.keeps_old,
    )
    services.log.warning(LogEvent.IMAGE_REFRESH_FAILED, keeps_old=save.keeps_old, **failure_fields(failure))
    aftermath = after_failure(
        AttemptKind.DOWNLOAD, None, error.error_type, error.retry_after_seconds, None, services.clock.now(),
        services.random(), settings.recovery_backoff_base_seconds, settings.classes,
    )  # fmt: skip
    recorded = ImageFailure(
        error_type=failure.error_type,
        reason=failure.reason,
        status_code=failure.status_code,
        message=failure.message,
        attempts=failure.attempts,
        excerpt=error.excerpt if isinstance(error, ImageRejected) else "",
    )
    save = replace(
        save,
        outcome=kind,
        new=None,
        failure=recorded,
        attempts=failure.attempts,
        next_retry_at=aftermath.next_retry_at,
        closes=aftermath.closes,
    )
    return _prepared(replace(_outcome(kind, ref), failure=failure), save)


def _is_same(known: KnownImage | None, stage: Stage) -> bool:
    return known is not None and known.source_sha256 == stage.sha256


def _is_same_identity(subject: _Subject) -> bool:
    return subject.known is not None and subject.known.identity == subject.identity


def _milliseconds_since(started: float, services: Services) -> int:
    return round((services.clock.monotonic() - started) * 1000)


def _outcome(kind: ImageOutcomeKind, ref: ImageRef, *, received: int = 0, key: str | None = None) -> ImageOutcome:
    return ImageOutcome(kind, ref.owner_kind, ref.role, strip_secrets(ref.url), received, key)
